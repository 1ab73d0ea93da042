import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { writtenBy } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { refuseWithoutRoom } from "../../src/maintenance/room.ts";
import { startChildWriter } from "../sqlite-stores.ts";
import { makeOldSchema, OLD_SCHEMAS } from "../old-store.ts";
import { temporaryFile } from "../temporary-file.ts";
import { withDatabase } from "../with-database.ts";
import { filledStore, largeStore } from "./filled-store.ts";
import { runChild } from "./run-child.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A store whose first stream was scavenged: its room is free, and positions have a hole. */
async function scavengedStore(): Promise<string> {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await store.append("account-1", newEvents(5_000), { expectedVersion: "noStream" });
  await store.append("account-2", newEvents(50), { expectedVersion: "noStream" });
  await store.write([{ kind: "delete", stream: "account-1", expectedVersion: "exists" }]);
  await store.scavenge();
  return path;
}

function rowsOf(path: string): unknown {
  const tables = ["events", "streams", "snapshots", "consumer_groups"];
  return withDatabase(path, (database) => tables.map((table) => database.prepare(`SELECT rowid, * FROM ${table} ORDER BY rowid`).all()));
}

test("a vacuum gives back what a scavenge left, and no row, position or version changes", async () => {
  const path = await scavengedStore();
  const rows = rowsOf(path);
  const bytes = statSync(path).size;
  await using maintenance = await openSqliteMaintenance(path);
  const { before, after } = await maintenance.vacuum();
  expect(before).toBeGreaterThanOrEqual(bytes);
  expect(after).toBe(statSync(path).size);
  expect(after).toBeLessThan(bytes / 5);
  expect(rowsOf(path)).toEqual(rows);
  expect((await maintenance.status()).size.freeBytes).toBe(0);
  expect(await maintenance.check()).toMatchObject({ findings: [] });
  await using store = await openSqliteStore(path);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "any" })).toMatchObject({ version: 5_000, position: 5_050 });
});

test("stores that are open in this process go on working", async () => {
  const path = await scavengedStore();
  await using store = await openSqliteStore(path);
  await store.append("account-2", [newEvent()], { expectedVersion: "exists" });
  await using subscription = store.subscribe({ category: "account" });
  await using maintenance = await openSqliteMaintenance(path);
  await maintenance.vacuum();
  expect(await store.append("account-2", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ version: 51, position: 5_051 });
  const seen: number[] = [];
  for await (const message of subscription) {
    if (message.kind === "events") seen.push(...message.events.map(({ position }) => position));
    if (seen.at(-1) === 5_051) break;
  }
  expect(seen).toEqual(Array.from({ length: 52 }, (_, index) => 5_000 + index));
});

test("a store that another process writes to goes on working", async () => {
  const path = await scavengedStore();
  const writer = startChildWriter(path, "other", 1_000_000);
  await writer.until(200);
  await using maintenance = await openSqliteMaintenance(path, { busyTimeoutMs: 30_000 });
  const { before, after } = await maintenance.vacuum();
  expect(after).toBeLessThan(before);
  await writer.until(writer.said.length + 200);
  writer.process.kill("SIGKILL");
  await writer.ended;
  await using store = await openSqliteStore(path);
  const events = new Map((await collect(store, { all: true })).map((event) => [Number(event.position), event]));
  for (const { stream, version, position } of writtenBy(writer)) expect(events.get(position)).toMatchObject({ stream, version });
  expect(await maintenance.check()).toMatchObject({ findings: [] });
});

test("a vacuum waits for a writer, not longer than it may, and changes nothing then", async () => {
  const path = await scavengedStore();
  const bytes = statSync(path).size;
  await using maintenance = await openSqliteMaintenance(path, { busyTimeoutMs: 100 });
  await withWriteLock(path, async () => {
    await expect(maintenance.vacuum()).rejects.toThrow(/is being written by another process and did not become free in time/);
    await expect(maintenance.vacuum()).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
  });
  expect(statSync(path).size).toBe(bytes);
  expect((await maintenance.vacuum()).after).toBeLessThan(bytes);
});

test("a reader that stays keeps the file from being cut, which is said", async () => {
  const path = await scavengedStore();
  await using maintenance = await openSqliteMaintenance(path, { busyTimeoutMs: 100 });
  await withReader(path, () =>
    expect(maintenance.vacuum()).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: true,
      message: expect.stringContaining("was vacuumed, but others read or wrote all the time"),
    }),
  );
  const { after } = await maintenance.vacuum();
  expect(after).toBe(statSync(path).size);
});

test.each(OLD_SCHEMAS)("a file of schema %i is vacuumed as it is", async (schemaVersion) => {
  const path = temporaryFile();
  makeOldSchema(path, schemaVersion);
  await using maintenance = await openSqliteMaintenance(path);
  await maintenance.vacuum();
  expect(await maintenance.status()).toMatchObject({ schema: { version: schemaVersion }, events: { count: 4 } });
});

test("without enough room on the disk a vacuum is refused, with what it needs", async () => {
  const refusal = refuseWithoutRoom(await filledStore(), "SQLite store bank.db", 2 ** 60);
  await expect(refusal).rejects.toThrow(
    /^SQLite store bank.db cannot be vacuumed: that needs \d+ bytes on the disk of .*, and it has \d+; free some/,
  );
  await expect(refusal).rejects.toMatchObject({ code: "store-unavailable" });
});

test("a vacuum that is killed leaves a sound store, and the next one ends well", async () => {
  const path = await largeStore(1_000, 100_000);
  withDatabase(path, (database) =>
    database.exec("CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (randomblob(5000000)); DROP TABLE ballast"),
  );
  const { child, ended } = runChild(new URL("child-vacuum.ts", import.meta.url), [path]);
  const logBytes = (): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  await vi.waitFor(() => expect(logBytes()).toBeGreaterThan(0), { interval: 1, timeout: 20_000 });
  child.kill("SIGKILL");
  expect(await ended).toEqual({ how: "SIGKILL", output: "" });
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.check()).toMatchObject({ findings: [] });
  await maintenance.vacuum();
  expect(await maintenance.status()).toMatchObject({ size: { freeBytes: 0 }, events: { count: 1_000 } });
});

test("a vacuum that comes upon a full disk leaves the store as it was", async () => {
  const path = await largeStore(100, 100_000);
  const { ended } = runChild(new URL("child-vacuum.ts", import.meta.url), [path], 1_000);
  expect((await ended).output).toMatch(/^store-unavailable: SQLite store .* cannot /);
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.check()).toMatchObject({ findings: [] });
  expect(await maintenance.status()).toMatchObject({ events: { count: 100 } });
});

async function withWriteLock(path: string, work: () => Promise<unknown>): Promise<void> {
  await withTransaction(path, "BEGIN IMMEDIATE", work);
}

async function withReader(path: string, work: () => Promise<unknown>): Promise<void> {
  await withTransaction(path, "BEGIN; SELECT count(*) FROM events", work);
}

async function withTransaction(path: string, begin: string, work: () => Promise<unknown>): Promise<void> {
  const database = new Database(path);
  try {
    database.exec(begin);
    await work();
  } finally {
    database.close();
  }
}
