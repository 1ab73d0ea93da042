import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { newSchema, postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { filledStore, runIn } from "./maintenance/filled-store.ts";

vi.setConfig({ testTimeout: 30_000 });

describe.each(await postgresServers())("a PostgreSQL store that is opened for reading only on $name", ({ url }) => {
  test("reads all there is, and follows what others write", async () => {
    const schema = await filledStore(url);
    await using reader = await openPostgresStore(url, { schema, readOnly: true });
    await using writer = await openPostgresStore(url, { schema });
    expect(await collect(reader, { all: true })).toHaveLength(7);
    expect(await reader.checkpoint("balances")).toBe(4);
    expect(await reader.snapshot("account-1")).toMatchObject({ version: 3 });
    expect(await reader.streamInfo("account-1")).toMatchObject({ lastVersion: 3 });
    expect(await reader.groups.list()).toMatchObject([{ name: "mailer", claimed: 2 }]);
    expect(await reader.groups.parked("mailer")).toEqual([]);
    expect(await reader.transfer.status()).toMatchObject({ head: 6 });
    expect(reader.gaps).toEqual({});
    const seen: number[] = [];
    for await (const message of reader.subscribe({ all: true })) {
      if (message.kind === "live") await writer.append("account-3", [newEvent()], { expectedVersion: "noStream" });
      if (message.kind !== "events") continue;
      seen.push(...message.events.map(({ position }) => position));
      if (seen.length === 8) break;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("refuses all that would change it, and nothing is changed", async () => {
    const schema = await filledStore(url);
    await using store = await openPostgresStore(url, { schema, readOnly: true });
    const works: readonly (() => Promise<unknown>)[] = [
      () => store.append("account-1", [newEvent()], { expectedVersion: "any" }),
      () => store.write([{ kind: "metadata", stream: "account-1", metadata: { maxCount: 1 } }]),
      () => store.scavenge(),
      () => store.leases.acquire("balances", { owner: "one", durationMs: 1_000 }),
      () => store.groups.create("other", { source: { all: true } }),
      () => store.groups.delete("mailer"),
      () => store.groups.claim("mailer", { consumer: "one", maxEvents: 1, leaseMs: 1_000 }),
      () => store.groups.replayParked("mailer"),
      () => store.transaction(async () => [{ kind: "append", stream: "account-1", events: [newEvent()], expectedVersion: "any" }]),
    ];
    for (const work of works)
      await expect(work()).rejects.toMatchObject({
        code: "store-unavailable",
        retryable: false,
        message: expect.stringContaining("was opened with readOnly; open it for writing"),
      });
    expect(await collect(store, { all: true })).toHaveLength(7);
  });

  test("is refused where there is none, or its schema is old, and nothing is made", async () => {
    const schema = newSchema();
    await expect(openPostgresStore(url, { schema, readOnly: true })).rejects.toMatchObject({
      code: "foreign-store",
      message: expect.stringContaining("was not made yet"),
    });
    const known = await withClient(url, (client) => client.query("SELECT to_regnamespace($1) AS schema", [schema]));
    expect(known.rows).toEqual([{ schema: null }]);
    const old = await filledStore(url);
    await runIn(url, old, "DELETE FROM migrations WHERE version = (SELECT max(version) FROM migrations)");
    await expect(openPostgresStore(url, { schema: old, readOnly: true })).rejects.toMatchObject({
      code: "foreign-store",
      message: expect.stringMatching(/has schema version \d+, and this program needs \d+/),
    });
  });

  test("does with a connection that may not write", async () => {
    const schema = temporarySchema(url);
    await (await openPostgresStore(url, { schema })).close();
    await using store = await openPostgresStore(`${url}?options=-c%20default_transaction_read_only=on`, { schema, readOnly: true });
    expect(await collect(store, { all: true })).toEqual([]);
  });
});
