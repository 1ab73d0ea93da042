import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, it } from "vitest";

const SIZE = 1_000;
const WRITES = 25;
const WRITE_EVENTS = 100;

describe.each(await postgresServers())("events in partitions on $name", ({ url }) => {
  it("are written across their ends, and read as one log", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema, partitionSize: SIZE });
    for (let write = 0; write < WRITES; write++) {
      const events = Array.from({ length: WRITE_EVENTS }, () => newEvent());
      await store.append(`account-${write % 5}`, events, { expectedVersion: "any" });
    }
    const one = newEvent();
    await store.append("account-0", [one], { expectedVersion: "exists" });
    expect(await store.append("account-0", [one], { expectedVersion: "noStream" })).toMatchObject({ version: 500, repeated: true });

    expect(await partitionsOf(url, schema)).toEqual(["events_0", "events_1", "events_2"]);
    const positions: number[] = [];
    for await (const event of store.read({ all: true })) positions.push(event.position);
    expect(positions).toEqual(Array.from({ length: WRITES * WRITE_EVENTS + 1 }, (_, place) => place));
    const versions: number[] = [];
    for await (const event of store.read({ stream: "account-0" }, { direction: "backwards" })) versions.push(event.version);
    expect(versions).toEqual(Array.from({ length: 501 }, (_, place) => 500 - place));
  });

  it("can be moved to another place while the log is read", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema, partitionSize: SIZE });
    for (let write = 0; write < 12; write++)
      await store.append(
        "account-1",
        Array.from({ length: WRITE_EVENTS }, () => newEvent()),
        { expectedVersion: "any" },
      );
    // A tablespace of its own needs a folder of the server: the one that every server has shows that a partition is a table like others.
    await withClient(url, (client) => client.query(`ALTER TABLE ${schema}.events_0 SET TABLESPACE pg_default`));
    let count = 0;
    for await (const _ of store.read({ category: "account" })) count++;
    expect(count).toBe(12 * WRITE_EVENTS);
  });

  it("are decided when the store is made", async () => {
    const schema = temporarySchema(url);
    await (await openPostgresStore(url, { schema, partitionSize: SIZE })).close();
    await (await openPostgresStore(url, { schema })).close();
    await expect(openPostgresStore(url, { schema, partitionSize: 2 * SIZE })).rejects.toMatchObject({ code: "foreign-store" });
    const plain = temporarySchema(url);
    await (await openPostgresStore(url, { schema: plain })).close();
    await expect(openPostgresStore(url, { schema: plain, partitionSize: SIZE })).rejects.toMatchObject({ code: "foreign-store" });
  });
});

async function partitionsOf(url: string, schema: string): Promise<readonly string[]> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '${schema}.events'::regclass ORDER BY 1`,
    ),
  );
  return rows.map(({ name }) => name);
}
