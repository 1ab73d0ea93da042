import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvents } from "@reactive-domain/store-tests";
import { newSchema, postgresServers, withClient } from "@reactive-domain/test-servers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { filledStore, runIn } from "./maintenance/filled-store.ts";

vi.setConfig({ testTimeout: 30_000 });

describe.each(await postgresServers())("a role with the rights that the README tells on $name", ({ url }) => {
  /** The URL of a new role that may do so much in a schema. */
  async function roleWith(schema: string, rights: readonly string[]): Promise<string> {
    const role = newSchema();
    await withClient(url, (client) => client.query(`CREATE ROLE ${role} LOGIN`));
    onTestFinished(() => withClient(url, async (client) => void (await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`))));
    await runIn(url, schema, rights.map((right) => `GRANT ${right} TO ${role}`).join(";"));
    const theirs = new URL(url);
    theirs.username = role;
    return theirs.href;
  }

  test("uses a store that somebody else made", async () => {
    const schema = await filledStore(url);
    const theirs = await roleWith(schema, [
      `USAGE ON SCHEMA ${schema}`,
      `SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema}`,
      "USAGE, SELECT ON SEQUENCE fences",
    ]);
    await using store = await openPostgresStore(theirs, { schema });
    expect(await store.append("account-3", newEvents(2), { expectedVersion: "noStream" })).toMatchObject({ position: 8 });
    await store.write([{ kind: "delete", stream: "account-2", expectedVersion: "exists" }]);
    expect(await store.scavenge()).toMatchObject({ events: 3 });
    expect(await store.groups.claim("mailer", { consumer: "two", maxEvents: 1, leaseMs: 1_000 })).toHaveLength(1);
    expect(await store.leases.acquire("balances", { owner: "one", durationMs: 1_000 })).toMatchObject({ owner: "one" });
    expect(await collect(store, { all: true })).toHaveLength(6);
  });

  test("reads a store, and looks after it", async () => {
    const schema = await filledStore(url);
    const rights = [`USAGE ON SCHEMA ${schema}`, `SELECT ON ALL TABLES IN SCHEMA ${schema}`, "SELECT ON SEQUENCE fences"];
    const theirs = await roleWith(schema, rights);
    await using store = await openPostgresStore(theirs, { schema, readOnly: true });
    expect(await collect(store, { stream: "account-1" })).toHaveLength(4);
    expect(await store.streamInfo("account-1")).toMatchObject({ lastVersion: 3 });
    await using maintenance = await openPostgresMaintenance(theirs, { schema });
    expect(await maintenance.status({ sizes: true })).toMatchObject({ head: 6 });
    expect((await maintenance.check()).findings).toEqual([]);
    expect(await maintenance.migrationSql()).toBe("");
  });
});
