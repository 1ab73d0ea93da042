import { position, type Position } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { MIGRATIONS } from "../src/schema/migrations.ts";
import { makeOldSchema } from "./old-schema.ts";
import { openedStore } from "./opened-store.ts";

const AT_MOST = 3_000;
const AT_A_TIME = 1_000;
const MINUTE_MS = 60_000;

describe.each(await postgresServers())("the memory of writes without events on $name", ({ url }) => {
  async function remembered(schema: string): Promise<readonly string[]> {
    const { rows } = await withClient(url, (client) => client.query<{ id: string }>(`SELECT id FROM ${schema}.recent_writes ORDER BY id`));
    return rows.map(({ id }) => id);
  }

  async function remember(schema: string, ids: readonly string[]): Promise<void> {
    const sql = `INSERT INTO ${schema}.recent_writes (id, outcomes) SELECT id, '' FROM unnest($1::uuid[]) id`;
    await withClient(url, (client) => client.query(sql, [ids]));
  }

  /** A store whose every write forgets: what chance decides is always so. */
  async function forgettingStore(schema: string): Promise<EventStore> {
    const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema},pg_catalog` });
    onTestFinished(() => pool.end());
    const store = await openedStore(pool, { schema });
    await withClient(url, (client) =>
      client.query(`CREATE FUNCTION ${schema}.random() RETURNS double precision LANGUAGE sql AS 'SELECT 0.0::double precision'`),
    );
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    return store;
  }

  it("forgets what is old, now and then, and keeps what is new", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    const old = "018f0000-0000-7000-8000-000000000000";
    await remember(schema, [old]);
    let expected: Position | null = null;
    for (let write = 0; write < AT_MOST; write++) {
      expected = await move(store, expected);
      if (write % 100 === 99 && !(await remembered(schema)).includes(old)) break;
    }
    const left = await remembered(schema);
    expect(left).not.toContain(old);
    expect(left.length).toBeGreaterThanOrEqual(100);
  });

  it("forgets a thousand at a time, the oldest first, and nothing of the last hour", async () => {
    const schema = temporarySchema(url);
    const store = await forgettingStore(schema);
    const old = Array.from({ length: 2 * AT_A_TIME + 1 }, (_, nth) => idOf(nth));
    const nowMs = Date.now();
    const [gone, kept] = [idOf(nowMs - 61 * MINUTE_MS), [59, 1].map((minutes) => idOf(nowMs - minutes * MINUTE_MS))];
    await remember(schema, [...old, gone, ...kept]);
    let expected: Position | null = null;
    for (const left of [[...old.slice(AT_A_TIME), gone], [...old.slice(2 * AT_A_TIME), gone], [], []]) {
      expected = await move(store, expected);
      const found = await remembered(schema);
      expect(found.slice(0, left.length + kept.length)).toEqual([...left, ...kept]);
    }
    // Those four writes.
    expect(await remembered(schema)).toHaveLength(kept.length + 4);
  });

  it("is bounded in stores, too, that were made before it was", async () => {
    const schema = temporarySchema(url);
    const before = 4;
    await makeOldSchema(url, schema, before);
    await remember(
      schema,
      Array.from({ length: AT_A_TIME + 1 }, (_, nth) => idOf(nth)),
    );
    await using maintenance = await openPostgresMaintenance(url, { schema });
    expect(await maintenance.status()).toMatchObject({ schema: { version: before, newest: MIGRATIONS.length } });
    expect(await maintenance.migrate()).toEqual({ from: before, to: MIGRATIONS.length });
    expect((await maintenance.check()).findings).toEqual([]);
    const store = await forgettingStore(schema);
    await move(store, null);
    expect((await remembered(schema)).slice(0, -1)).toEqual([idOf(AT_A_TIME)]);
  });
});

/** Moves a checkpoint to and fro, and tells where it is. */
async function move(store: EventStore, expected: Position | null): Promise<Position | null> {
  const next = expected === null ? position(0) : null;
  await store.write([{ kind: "checkpoint", name: "reader", expected, position: next }]);
  return next;
}

/** The id of a write of a time. */
function idOf(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
