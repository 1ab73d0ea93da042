import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { FILLED_STATUS, newEvents } from "@reactive-domain/store-tests";
import { MAINTENANCE_STATUSES, temporaryDirectory, testStores } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { MIGRATIONS } from "../../src/migrations/migrate.ts";
import { SQLITE_STORES, startChildWriter } from "../sqlite-stores.ts";
import { makeOldSchema, OLD_SCHEMAS } from "../old-store.ts";
import { temporaryFile } from "../temporary-file.ts";
import { withDatabase } from "../with-database.ts";
import { filledStore } from "./filled-store.ts";

vi.setConfig({ testTimeout: 60_000 });

testStores(MAINTENANCE_STATUSES, SQLITE_STORES);

test("the status of a store tells what is in it and how far those who follow are behind", async () => {
  const path = await filledStore();
  await using maintenance = await openSqliteMaintenance(path);
  const status = await maintenance.status();
  expect(status).toEqual({
    ...FILLED_STATUS,
    location: `SQLite store ${path}`,
    durability: "SQLite, journal_mode=wal, synchronous=FULL",
    epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
    schema: { version: MIGRATIONS.length, newest: MIGRATIONS.length },
    size: { bytes: statSync(path).size, logBytes: 0, freeBytes: 0 },
    bytesPerEvent: Math.round(statSync(path).size / 7),
    sizes: null,
  });
});

test("sizes are told when they are asked for, and add up to the file", async () => {
  const path = await filledStore();
  await using maintenance = await openSqliteMaintenance(path);
  const { sizes } = await maintenance.status({ sizes: true });
  expect(sizes?.map(({ name }) => name)).toEqual(expect.arrayContaining(["events", "events_by_stream", "streams", "log"]));
  expect(sizes?.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(statSync(path).size);
});

test("an empty store has a status", async () => {
  const path = temporaryFile();
  await (await openSqliteStore(path)).close();
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.status()).toMatchObject({ head: null, events: { count: 0, isExact: true }, bytesPerEvent: null, streams: 0 });
});

test.each(OLD_SCHEMAS)("a file of schema %i has a status, and keeps its schema", async (schemaVersion) => {
  const path = temporaryFile();
  makeOldSchema(path, schemaVersion);
  const before = readFileSync(path);
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.status({ sizes: true })).toMatchObject({
    schema: { version: schemaVersion, newest: MIGRATIONS.length },
    epoch: "00000000-0000-7000-8000-000000000000",
    head: 3,
    events: { count: 4, isExact: true },
    streams: 2,
    snapshots: 0,
    checkpoints: [],
    groups: [],
    copy: null,
  });
  expect(readFileSync(path)).toEqual(before);
});

test("what a scavenge removed is not counted, and its room is free", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await store.append("account-1", newEvents(3_000), { expectedVersion: "noStream" });
  await store.append("account-2", newEvents(2), { expectedVersion: "noStream" });
  await store.write([{ kind: "delete", stream: "account-1", expectedVersion: "exists" }]);
  await store.scavenge();
  await using maintenance = await openSqliteMaintenance(path);
  const { events, head, size } = await maintenance.status();
  expect({ events, head }).toEqual({ events: { count: 2, isExact: true }, head: 3_001 });
  expect(size.freeBytes).toBeGreaterThan(100_000);
  expect(size.logBytes).toBe(statSync(`${path}-wal`).size);
});

test("very many events that may have holes between them are not counted one by one", async () => {
  const path = temporaryFile();
  await (await openSqliteStore(path)).close();
  withDatabase(path, (database) => {
    for (const index of ["stream", "id", "category", "type"]) database.exec(`DROP INDEX events_by_${index}`);
    database.exec("INSERT INTO streams (name, category, known_version, metadata) VALUES ('account-1', 'account', 1000001, '{}')");
    database.exec(
      "WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 1000001) " +
        "INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, metadata, data) " +
        "SELECT i, 1, i, 'T', 'account', 1, 0, x'00', '{}', '{}' FROM n WHERE i <> 5",
    );
  });
  await using maintenance = await openSqliteMaintenance(path);
  expect((await maintenance.status()).events).toEqual({ count: 1_000_002, isExact: false });
});

test("a status is told while this process and another write", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  const writer = startChildWriter(path, "other", 1_000_000);
  await writer.until(100);
  await using maintenance = await openSqliteMaintenance(path);
  for (let turn = 0; turn < 5; turn++) {
    const known = writer.said.length;
    const [{ head, events }] = await Promise.all([
      maintenance.status(),
      store.append("account-1", newEvents(1), { expectedVersion: "any" }),
    ]);
    expect(events).toEqual({ count: (head ?? -1) + 1, isExact: true });
    expect(events.count).toBeGreaterThanOrEqual(known + turn);
  }
  writer.process.kill("SIGKILL");
});

test("what is no store is refused when it is opened, and not changed", async () => {
  const directory = temporaryDirectory();
  const [missing, empty, notes, other] = ["missing.db", "empty.db", "notes.txt", "other.db"].map((name) => `${directory}/${name}`) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(empty, "");
  writeFileSync(notes, "These are notes, and they are longer than a header would be.");
  withDatabase(other, (database) => database.exec("CREATE TABLE notes (text TEXT)"));
  await expect(openSqliteMaintenance(missing)).rejects.toThrow(`SQLite store ${missing} does not exist.`);
  await expect(openSqliteMaintenance(missing)).rejects.toMatchObject({ code: "store-unavailable" });
  await expect(openSqliteMaintenance(directory)).rejects.toMatchObject({ code: "store-unavailable" });
  for (const path of [empty, notes, other]) {
    const before = readFileSync(path);
    await expect(openSqliteMaintenance(path)).rejects.toMatchObject({ code: "foreign-store" });
    expect(readFileSync(path)).toEqual(before);
  }
  await expect(openSqliteMaintenance(":memory:")).rejects.toMatchObject({ code: "invalid-argument" });
  await expect(openSqliteMaintenance(await filledStore(), { busyTimeoutMs: -1 })).rejects.toMatchObject({ code: "invalid-argument" });
});

test("a store of a newer program is refused by everything, and not changed", async () => {
  const path = await filledStore();
  withDatabase(path, (database) => database.pragma("user_version = 1000"));
  const before = readFileSync(path);
  await using maintenance = await openSqliteMaintenance(path);
  const works = [
    () => maintenance.status(),
    () => maintenance.migrate(),
    () => maintenance.check(),
    () => maintenance.backup(`${path}.copy`),
    () => maintenance.vacuum(),
  ];
  for (const work of works) {
    await expect(work()).rejects.toThrow(/has schema version 1000, and this program knows none above \d+\. Use the newer version/);
    await expect(work()).rejects.toMatchObject({ code: "foreign-store" });
  }
  expect(readFileSync(path)).toEqual(before);
});

test("a file that went away meanwhile is named", async () => {
  const path = await filledStore();
  await using maintenance = await openSqliteMaintenance(path);
  rmSync(path);
  await expect(maintenance.status()).rejects.toThrow(`SQLite store ${path} does not exist.`);
});
