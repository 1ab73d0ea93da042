import { openPostgresStore, type PostgresStoreOptions } from "@reactive-domain/postgres";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expectNoHoles } from "@reactive-domain/store-tests/vitest";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { follow } from "./follow.ts";
import { openedStore } from "./opened-store.ts";

vi.setConfig({ testTimeout: 20_000 });

const INT8 = 20;
const TEXT = 25;

describe.each(await postgresServers())("$name", ({ url }) => {
  function callersPool(options: pg.PoolConfig = {}): pg.Pool {
    const pool = new pg.Pool({ connectionString: url, ...options });
    onTestFinished(() => (pool.ended ? undefined : pool.end()));
    return pool;
  }

  /** How many sessions of a name the server has. */
  const sessionsOf = (name: string): Promise<number> =>
    withClient(url, async (client) => {
      const count = "SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = $1";
      return (await client.query<{ readonly sessions: number }>(count, [name])).rows[0]?.sessions ?? -1;
    });

  test("a pool of the caller's stays open when its store closes, with all of its connections given back, and no listener left", async () => {
    const schema = temporarySchema(url);
    const pool = callersPool({ max: 5 });
    const listeners = pool.listenerCount("error");
    const store = await openPostgresStore(pool, { schema });
    await store.append("account-1", newEvents(3), { expectedVersion: "noStream" });
    expect(await follow(store, { all: true }, 3)).toHaveLength(3);
    const pages = store.transfer.records()[Symbol.asyncIterator]();
    await pages.next();
    await store.close();
    expect(pool.ended).toBe(false);
    expect(pool.idleCount).toBe(pool.totalCount);
    expect(pool.listenerCount("error")).toBe(listeners);
    const { rows } = await pool.query<{ readonly count: string }>(`SELECT count(*) FROM ${schema}.events`);
    expect(rows).toEqual([{ count: "3" }]);
    // What listened is no connection for others.
    expect((await pool.query("SELECT pg_listening_channels()")).rows).toEqual([]);
  });

  test("a pool of the store's own is ended with it", async () => {
    const schema = temporarySchema(url);
    const name = `store-${schema}`;
    const store = await openPostgresStore(`${url}?application_name=${name}`, { schema });
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    await follow(store, { all: true }, 1);
    expect(await sessionsOf(name)).toBeGreaterThan(1);
    await store.close();
    await expect.poll(() => sessionsOf(name)).toBe(0);
  });

  test("no more connections are made than allowed, and one store has its work done with as few as there must be", async () => {
    const schema = temporarySchema(url);
    const name = `store-${schema}`;
    const store = await openedStore(`${url}?application_name=${name}`, { schema, maxConnections: 3 });
    const following = follow(store, { all: true }, 200);
    const writing = Array.from({ length: 200 }, (_, nth) => store.append(`account-${nth % 5}`, [newEvent()], { expectedVersion: "any" }));
    const reading = Array.from({ length: 20 }, (_, nth) => collect(store, { stream: `account-${nth % 5}` }));
    await Promise.all([...writing, ...reading]);
    expectNoHoles(await following);
    expect(await sessionsOf(name)).toBeLessThanOrEqual(3);
  });

  test("the caller's type parsers are neither used nor touched, whatever they do", async () => {
    const schema = temporarySchema(url);
    const before = [INT8, TEXT].map((type) => pg.types.getTypeParser(type));
    const parsed = vi.fn<(text: string) => unknown>(() => "parsed by the caller");
    const types = new pg.TypeOverrides();
    for (const type of [INT8, TEXT]) types.setTypeParser(type, parsed);
    const pool = callersPool({ types });
    const store = await openedStore(pool, { schema });
    await store.append("account-1", newEvents(2), { expectedVersion: "noStream" });
    const [first] = await collect(store, { stream: "account-1" });
    expect(first).toMatchObject({ position: 0, version: 0, stream: "account-1", type: "AmountDeposited", data: '{"amount":1}' });
    expect(parsed).not.toHaveBeenCalled();
    expect((await pool.query(`SELECT position FROM ${schema}.events LIMIT 1`)).rows).toEqual([{ position: "parsed by the caller" }]);
    expect([INT8, TEXT].map((type) => pg.types.getTypeParser(type))).toEqual(before);
  });

  test("settings of the caller's sessions are left as they are", async () => {
    const schema = temporarySchema(url);
    const pool = callersPool();
    const settings = async (client: pg.PoolClient): Promise<unknown> =>
      (await client.query("SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY name")).rows;
    const client = await pool.connect();
    const before = await settings(client);
    client.release();
    const store = await openedStore(pool, { schema, listen: false });
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    await store.write([{ kind: "append", stream: "account-2", expectedVersion: "any", events: newEvents(2) }]);
    await store.close();
    const clients = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()));
    for (const each of clients) {
      expect(await settings(each)).toEqual(before);
      each.release();
    }
  });

  test.each([
    ["two schemas", (schema: string, other: string) => [{ schema }, { schema: other }]],
    ["one schema, with and without a prefix", (schema: string) => [{ schema }, { schema, tablePrefix: "b_" }]],
    [
      "one schema, with prefixes of which one begins the other",
      (schema: string) => [
        { schema, tablePrefix: "b_" },
        { schema, tablePrefix: "b_b_" },
      ],
    ],
    [
      "schemas and prefixes that differ in case",
      (schema: string) => [
        { schema, tablePrefix: "Ab" },
        { schema, tablePrefix: "aB" },
      ],
    ],
  ])("two stores in %s do not see each other", async (_name, placesOf) => {
    const [schema, other] = [temporarySchema(url), temporarySchema(url)];
    const pool = callersPool();
    const places: readonly PostgresStoreOptions[] = placesOf(schema, other);
    const [left, right] = await Promise.all(places.map((place) => openedStore(pool, { ...place, pollIntervalMs: 1_000_000 })));
    if (left === undefined || right === undefined) throw new Error("There are two.");
    const event = newEvent();
    for (const store of [left, right]) {
      expect(await store.append("account-1", [event], { expectedVersion: "noStream" })).toMatchObject({ position: 0, repeated: false });
      expect(await store.groups.create("group", { source: { all: true } })).toBe(true);
      expect(await store.groups.claim("group", { consumer: "one" })).toMatchObject([{ position: 0, attempt: 1, fence: 1 }]);
      expect(await store.leases.acquire("worker", { owner: "me", durationMs: 60_000 })).toMatchObject({ fence: 1 });
    }
    await left.append("account-1", newEvents(4), { expectedVersion: "any" });
    await right.write([{ kind: "tombstone", stream: "account-1", expectedVersion: "any" }]);
    expect(await collect(left, { all: true })).toHaveLength(5);
    expect(await left.streamInfo("account-1")).toMatchObject({ state: "live", lastVersion: 4 });
    expect(await right.streamInfo("account-1")).toMatchObject({ state: "tombstoned", lastVersion: 0 });
    // A writer of one does not wait for those of the other.
    const table = `${schema}."${places[0]?.tablePrefix ?? ""}events"`;
    await withClient(url, async (client) => {
      await client.query(`BEGIN; LOCK TABLE ${table} IN EXCLUSIVE MODE`);
      const waiting = left.append("account-2", [newEvent()], { expectedVersion: "noStream" });
      const waiters = async (): Promise<number> =>
        (await client.query("SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND NOT granted", [table])).rows.length;
      await expect.poll(waiters, { interval: 5 }).toBe(1);
      await right.append("account-2", [newEvent()], { expectedVersion: "noStream" });
      await client.query("ROLLBACK");
      await waiting;
    });
  });

  test.each([{ prepare: false }, { listen: false, pollIntervalMs: 5 }, { prepare: false, listen: false, pollIntervalMs: 5 }])(
    "a store with %j does the same, and leaves nothing in its sessions",
    async (options) => {
      const schema = temporarySchema(url);
      const pool = callersPool();
      const store = await openedStore(pool, { schema, ...options });
      const other = await openedStore(url, { schema });
      const following = follow(store, { all: true }, 30);
      for (let nth = 0; nth < 10; nth++) {
        await store.append("account-1", [newEvent()], { expectedVersion: "any" });
        await other.append("account-2", newEvents(2), { expectedVersion: "any" });
      }
      expectNoHoles(await following);
      await store.groups.create("group", { source: { all: true } });
      expect(await store.groups.claim("group", { consumer: "one", maxEvents: 30 })).toHaveLength(30);
      const clients = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()));
      for (const client of clients) {
        const { rows: prepared } = await client.query("SELECT name FROM pg_prepared_statements");
        expect(options.prepare === false ? prepared : []).toEqual([]);
        expect((await client.query("SELECT pg_listening_channels()")).rows).toEqual([]);
        client.release();
      }
    },
  );
});
