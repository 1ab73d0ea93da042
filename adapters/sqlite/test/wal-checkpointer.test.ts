import { renameSync, statSync } from "node:fs";
import type { EventStore, Finding } from "@reactive-domain/persistence";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { newEvents } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { WalCheckpointer } from "../src/wal-checkpointer.ts";
import { temporaryFile } from "./temporary-file.ts";
import { withDatabase } from "./with-database.ts";

/** Thousands of commits take as long as the disk flushes. */
const SLOW_DISK_MS = 120_000;

const PAGE_BYTES = 4_096;
/** An event of about a page. */
const DATA = JSON.stringify("x".repeat(3_500));
const MIB = 1024 * 1024;
const MOST_WRITTEN = 1_500 * MIB;

interface WalState {
  readonly log: number;
  readonly checkpointed: number;
}

/** Writes about so many pages, in commits of 500. */
async function writePages(store: EventStore, pages: number): Promise<void> {
  for (let written = 0; written < pages; written += 500)
    await store.append(`account-${written}`, newEvents(500, { data: DATA }), { expectedVersion: "any" });
}

/** Writes about 5,000 pages, in commits of 50. */
async function writeManyCommits(store: EventStore, stream: string): Promise<void> {
  for (let commit = 0; commit < 100; commit++) await store.append(stream, newEvents(50, { data: DATA }), { expectedVersion: "any" });
}

async function check(path: string): Promise<readonly Finding[]> {
  await using maintenance = await openSqliteMaintenance(path);
  return (await maintenance.check()).findings;
}

function stateOf(path: string): WalState {
  return withDatabase(path, (database) => (database.pragma("wal_checkpoint(NOOP)") as WalState[])[0] ?? { log: -1, checkpointed: -1 });
}

async function openStore(): Promise<{ readonly store: EventStore; readonly path: string }> {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  onTestFinished(() => store.close());
  return { store, path };
}

test("the write-ahead log begins anew while there is no end of writing", async () => {
  const { store, path } = await openStore();
  await writePages(store, 30_000);
  const bytes = statSync(`${path}-wal`).size;
  expect(bytes).toBeLessThan(100 * MIB);
  expect(stateOf(path).log * PAGE_BYTES).toBeLessThan(bytes);
  const { lastVersion } = await store.streamInfo("account-0");
  expect(lastVersion).toBe(499);
});

test("few pages stay where they are, and many are moved beside the writer", async () => {
  const { store, path } = await openStore();
  await writePages(store, 500);
  expect(stateOf(path).checkpointed).toBe(0);
  await writePages(store, 10_000);
  await expect.poll(() => stateOf(path).checkpointed).toBeGreaterThan(4_000);
});

test("somebody who reads for long holds up neither writers nor, afterwards, the log", async () => {
  const { store, path } = await openStore();
  await writePages(store, 500);
  const reader = new Database(path, { readonly: true });
  reader.exec("BEGIN");
  const before = reader.prepare("SELECT count(*) FROM events").pluck().get();
  await writePages(store, 40_000);
  expect(reader.prepare("SELECT count(*) FROM events").pluck().get()).toBe(before);
  const longest = stateOf(path).log;
  reader.close();
  for (let turn = 0; turn < 40 && stateOf(path).log >= longest; turn++) await writePages(store, 4_000);
  expect(stateOf(path).log).toBeLessThan(longest);
});

test("a store that is closed while pages are moved is whole", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  const writing = writePages(store, 6_000);
  await writing;
  await store.close();
  await using again = await openSqliteStore(path);
  expect((await again.streamInfo("account-5500")).lastVersion).toBe(499);
  expect(withDatabase(path, (database) => database.pragma("integrity_check", { simple: true }))).toBe("ok");
});

test("where SQLite does not tell how long the write-ahead log is, writers go on", () => {
  const database = new Database(temporaryFile());
  onTestFinished(() => void database.close());
  database.pragma("journal_mode = WAL");
  database.exec("CREATE TABLE words (word TEXT) STRICT; BEGIN; INSERT INTO words VALUES ('one')");
  const checkpointer = new WalCheckpointer(database);
  expect(() => database.pragma("wal_checkpoint(NOOP)")).toThrow("locked");
  expect(checkpointer.afterCommit()).toBeUndefined();
});

test("where the thread cannot open the file SQLite moves the pages by itself", async () => {
  const { store, path } = await openStore();
  renameSync(path, `${path}-elsewhere`);
  await writePages(store, 12_000);
  // Without any of it the log would have 12,000 pages and more, 47 MiB.
  expect(statSync(`${path}-wal`).size).toBeLessThan(40 * MIB);
});

test(
  "the write-ahead log begins anew while two write to one file without an end",
  async () => {
    const { store, path } = await openStore();
    await using other = await openSqliteStore(path);
    // A log that never began anew would hold all that was written, about 40 MiB a round. When it can is a matter of chance: neither writer may be at work just then.
    let written = 0;
    let size = 0;
    do {
      await Promise.all([writeManyCommits(store, "account-1"), writeManyCommits(other, "account-2")]);
      written += 2 * 100 * 50 * PAGE_BYTES;
      size = statSync(`${path}-wal`).size;
    } while (size > 0.75 * written && written < MOST_WRITTEN);
    expect(size).toBeLessThanOrEqual(0.75 * written);
    expect(await check(path)).toEqual([]);
  },
  SLOW_DISK_MS,
);

test("what cannot be told of the log does not end the writing", async () => {
  const database = new Database(temporaryFile());
  const checkpointer = new WalCheckpointer(database);
  database.close();
  expect(checkpointer.afterCommit()).toBeUndefined();
  await checkpointer.close();
});
