import { position } from "@reactive-domain/core";
import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { FILLED_STATUS, newEvents } from "@reactive-domain/store-tests";
import { MAINTENANCE_STATUSES, testStores } from "@reactive-domain/store-tests/vitest";
import { newSchema, postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { MIGRATIONS } from "../../src/schema/migrations.ts";
import { postgresStores } from "../postgres-stores.ts";
import { filledStore, largeStore, runIn } from "./filled-store.ts";

vi.setConfig({ testTimeout: 60_000 });

describe.each(await postgresServers())("the status of a PostgreSQL store on $name", ({ url }) => {
  testStores(MAINTENANCE_STATUSES, postgresStores(url));

  test("tells what is in it and how far those who follow are behind", async () => {
    const schema = await filledStore(url);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    const status = await maintenance.status();
    expect(status).toEqual({
      ...FILLED_STATUS,
      location: expect.stringMatching(new RegExp(`^PostgreSQL store ${schema} in \\w+ at 127\\.0\\.0\\.1:\\d+$`)),
      durability: expect.stringMatching(/^PostgreSQL 1\d.*, fsync=\w+, synchronous_commit=on, full_page_writes=\w+, wal_sync_method=\w+$/),
      epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
      schema: { version: MIGRATIONS.length, newest: MIGRATIONS.length },
      size: { bytes: expect.any(Number), logBytes: null, freeBytes: null },
      bytesPerEvent: expect.any(Number),
      sizes: null,
    });
    expect(maintenance.location).toBe(status.location);
  });

  test("tells sizes when they are asked for, which add up to the store", async () => {
    const schema = await filledStore(url);
    await using maintenance = await openPostgresMaintenance(`${url}?schema=${schema}`);
    const { size, sizes } = await maintenance.status({ sizes: true });
    expect(sizes?.map(({ name }) => name)).toEqual(expect.arrayContaining(["events", "events_pkey", "events_by_stream", "streams", "log"]));
    expect(sizes?.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(size.bytes);
    expect(sizes?.map(({ bytes }) => bytes)).toEqual(sizes?.map(({ bytes }) => bytes).toSorted((one, other) => other - one));
  });

  test("is that of one of several stores in a schema", async () => {
    const schema = await filledStore(url);
    await (await openPostgresStore(url, { schema, tablePrefix: "b_" })).close();
    await using maintenance = await openPostgresMaintenance(url, { schema, tablePrefix: "b_" });
    expect(await maintenance.status({ sizes: true })).toMatchObject({
      head: null,
      events: { count: 0, isExact: true },
      bytesPerEvent: null,
    });
    expect((await maintenance.check()).findings).toEqual([]);
  });

  test("counts streams that were only spoken of, and does not count what a scavenge removed", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    await store.append("account-1", newEvents(30), { expectedVersion: "noStream" });
    await store.append("account-2", newEvents(2), { expectedVersion: "noStream" });
    await store.write([
      { kind: "delete", stream: "account-1", expectedVersion: "exists" },
      { kind: "metadata", stream: "never-written", metadata: { maxCount: 1 } },
    ]);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    expect(await maintenance.status()).toMatchObject({ events: { count: 32, isExact: true }, head: 31, streams: 3 });
    await store.scavenge();
    expect(await maintenance.status()).toMatchObject({ events: { count: 2, isExact: true }, head: 31, streams: 3 });
  });

  test("does not count very many events one by one that may have holes between them", async () => {
    const schema = temporarySchema(url);
    await (await openPostgresStore(url, { schema })).close();
    const indexes = ["stream", "id", "category", "type"].map((name) => `DROP INDEX events_by_${name}`).join(";");
    await runIn(
      url,
      schema,
      `${indexes}; INSERT INTO streams (name, known_version) VALUES ('account-1', 5); ` +
        "INSERT INTO events (position, version, time, schema_version, id, stream, category, type, metadata, data) " +
        "SELECT n, n, 0, 1, gen_random_uuid(), 'account-1', 'account', 'T', '{}', '{}' FROM generate_series(6, 1000006) n",
    );
    await using maintenance = await openPostgresMaintenance(url, { schema });
    expect(await maintenance.status()).toMatchObject({ events: { count: 1_000_007, isExact: false }, streams: 1 });
  });

  test("of a database that was restored to an earlier moment has lags below zero", async () => {
    const schema = await filledStore(url);
    await runIn(url, schema, "DELETE FROM events WHERE position > 2; UPDATE consumer_groups SET next = 7");
    await using maintenance = await openPostgresMaintenance(url, { schema });
    expect(await maintenance.status()).toMatchObject({
      head: 2,
      checkpoints: [{ name: "balances", position: position(4), lag: -2 }],
      groups: [{ name: "mailer", lag: -4 }],
    });
  });

  test("is told while others write, as of one moment", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    await using maintenance = await openPostgresMaintenance(url, { schema });
    for (let turn = 0; turn < 5; turn++) {
      const writes = Array.from({ length: 20 }, (_, index) => store.append(`account-${index}`, newEvents(1), { expectedVersion: "any" }));
      const { head, events } = await maintenance.status();
      expect(events).toEqual({ count: (head ?? -1) + 1, isExact: true });
      expect((await maintenance.check()).findings).toEqual([]);
      await Promise.all(writes);
    }
  });

  test("of a store with many streams counts them", async () => {
    const schema = await largeStore(url, 20_000);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    expect(await maintenance.status()).toMatchObject({ head: 19_999, events: { count: 20_000, isExact: true }, streams: 200 });
  });

  test("where there is no store nothing is made, and what to do is told", async () => {
    const schema = newSchema();
    await using maintenance = await openPostgresMaintenance(url, { schema });
    for (const work of [() => maintenance.status(), () => maintenance.check(), () => maintenance.vacuum()]) {
      await expect(work()).rejects.toThrow("was not made yet. Run `reactive-domain db migrate`");
      await expect(work()).rejects.toMatchObject({ code: "foreign-store" });
    }
    const known = await withClient(url, (client) => client.query("SELECT to_regnamespace($1) AS schema", [schema]));
    expect(known.rows).toEqual([{ schema: null }]);
  });

  test("a store of a newer program is refused by everything", async () => {
    const schema = await filledStore(url);
    await runIn(url, schema, "INSERT INTO migrations (version) VALUES (1000)");
    await using maintenance = await openPostgresMaintenance(url, { schema });
    const works = [
      () => maintenance.status(),
      () => maintenance.migrate(),
      () => maintenance.migrationSql(),
      () => maintenance.check(),
      () => maintenance.vacuum(),
    ];
    for (const work of works)
      await expect(work()).rejects.toMatchObject({ code: "foreign-store", message: expect.stringContaining("1000") });
  });

  test("a pool of the caller's stays open, and no setting stays on its connections", async () => {
    const schema = await filledStore(url);
    await using pool = asDisposable(new pg.Pool({ connectionString: url, max: 1 }));
    await using maintenance = await openPostgresMaintenance(pool, { schema });
    expect(await maintenance.status()).toMatchObject({ head: 6 });
    await maintenance.close();
    const { rows } = await pool.query<{ lock_timeout: string }>("SHOW lock_timeout");
    expect(rows).toEqual([{ lock_timeout: "0" }]);
  });

  test("backups are left to the server's own tools", async () => {
    await using maintenance = await openPostgresMaintenance(url, { schema: await filledStore(url) });
    await expect(maintenance.backup("copy")).rejects.toMatchObject({
      code: "not-supported",
      message: expect.stringMatching(/does not support backup: .*pg_dump .*pg_basebackup/),
      details: { capability: "backup" },
    });
  });
});

test("what cannot be connected to is refused when it is opened, and no password is told", async () => {
  await expect(openPostgresMaintenance("postgres://ann:secret@127.0.0.1:1/bank")).rejects.toMatchObject({
    code: "store-unavailable",
    message: expect.stringMatching(/^PostgreSQL store reactive_domain in bank at 127\.0\.0\.1:1 cannot be reached: (?!.*secret)/),
  });
  await expect(openPostgresMaintenance("mysql://ann:secret@localhost")).rejects.toMatchObject({
    code: "invalid-argument",
    message: expect.not.stringContaining("secret"),
  });
  await expect(openPostgresMaintenance("postgres://ann:sec/ret@local host:bad/bank")).rejects.toMatchObject({
    code: "invalid-argument",
    message: expect.not.stringContaining("ret@"),
  });
  await expect(openPostgresMaintenance("postgres://localhost", { busyTimeoutMs: -1 })).rejects.toMatchObject({ code: "invalid-argument" });
  await expect(openPostgresMaintenance("postgres://localhost", { schema: "a b" })).rejects.toMatchObject({ code: "invalid-argument" });
});

function asDisposable(pool: pg.Pool): pg.Pool & AsyncDisposable {
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}
