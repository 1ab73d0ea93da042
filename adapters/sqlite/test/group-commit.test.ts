import { systemRuntime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { createEventStore } from "@reactive-domain/persistence/adapter";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { SqliteDriver } from "../src/sqlite-driver.ts";
import { temporaryFile } from "./temporary-file.ts";

interface WatchedStore {
  readonly store: EventStore;
  readonly driver: SqliteDriver;
  readonly database: Database.Database;
  /** Every statement that SQLite has run. */
  readonly statements: string[];
}

/** A store on a connection that the test can look into. Each look at its clock takes so long. */
async function openWatched(path = temporaryFile(), lookMs = 0): Promise<WatchedStore> {
  let nowMs = 0;
  await (await openSqliteStore(path)).close();
  const statements: string[] = [];
  const database = new Database(path, { verbose: (statement) => statements.push(String(statement)) });
  const driver = new SqliteDriver({
    database,
    name: "SQLite store bank.db",
    busyTimeoutMs: 5_000,
    pollIntervalMs: 50,
    runtime: { ...systemRuntime, clock: { now: Date.now, monotonicMs: () => (nowMs += lookMs) } },
  });
  const store = createEventStore(driver);
  onTestFinished(() => store.close());
  return { store, driver, database, statements };
}

function commitsIn(statements: readonly string[]): number {
  return statements.filter((statement) => statement === "COMMIT").length;
}

test("256 appends at the same time share one transaction", async () => {
  const { store, statements } = await openWatched();
  await Promise.all(
    Array.from({ length: 256 }, (_, index) => store.append(`account-${index}`, [newEvent()], { expectedVersion: "noStream" })),
  );
  expect(commitsIn(statements)).toBe(1);
  expect(await collect(store, { all: true })).toHaveLength(256);
});

test("a long queue is committed in bounded groups, in the order of the calls", async () => {
  const { store, statements } = await openWatched();
  const results = await Promise.all(
    Array.from({ length: 1_100 }, () => store.append("account-1", [newEvent()], { expectedVersion: "any" })),
  );
  expect(commitsIn(statements)).toBe(3);
  expect(results.map(({ version }) => version)).toEqual(results.map((_, index) => index));
  expect(results.map(({ position }) => position)).toEqual(results.map((_, index) => index));
});

test("a group whose tasks take long is cut, and the rest follows in the order of the calls", async () => {
  const { store, statements } = await openWatched(temporaryFile(), 1);
  const results = await Promise.all(Array.from({ length: 20 }, () => store.append("account-1", [newEvent()], { expectedVersion: "any" })));
  expect(commitsIn(statements)).toBeGreaterThan(5);
  expect(results.map(({ version }) => version)).toEqual(results.map((_, index) => index));
});

test("a write larger than a group is committed whole", async () => {
  const { store, statements } = await openWatched();
  await store.append("account-1", newEvents(5_000), { expectedVersion: "noStream" });
  expect(commitsIn(statements)).toBe(1);
});

test("a conflicting write fails alone", async () => {
  const { store, statements } = await openWatched();
  const outcomes = await Promise.allSettled([
    store.append("account-1", [newEvent()], { expectedVersion: "noStream" }),
    store.append("account-1", newEvents(2), { expectedVersion: "noStream" }),
    store.write([
      { kind: "append", stream: "account-2", expectedVersion: "noStream", events: newEvents(2) },
      { kind: "append", stream: "account-1", expectedVersion: "noStream", events: newEvents(2) },
    ]),
    store.append("account-1", [newEvent()], { expectedVersion: "exists" }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { code: "wrong-expected-version", actual: 0 } });
  expect(commitsIn(statements)).toBe(1);
  expect((await collect(store, { all: true })).map(({ stream, version, position }) => [stream, version, position])).toEqual([
    ["account-1", 0, 0],
    ["account-1", 1, 1],
  ]);
});

test("F15: a write that is repeated in the same group is answered as the first was", async () => {
  const { store } = await openWatched();
  const events = newEvents(2);
  const [first, second] = await Promise.all([
    store.append("account-1", events, { expectedVersion: "noStream" }),
    store.append("account-1", events, { expectedVersion: "noStream" }),
  ]);
  expect(first).toEqual({ stream: "account-1", version: 1, position: 1, repeated: false });
  expect(second).toEqual({ ...first, repeated: true });
  expect(await collect(store, { all: true })).toHaveLength(2);
});

test("a group that changes nothing is no news", async () => {
  const { store, driver } = await openWatched();
  const events = newEvents(1);
  await store.append("account-1", events, { expectedVersion: "noStream" });
  let news = 0;
  onTestFinished(driver.onCommit(() => news++));
  await store.append("account-1", events, { expectedVersion: "noStream" });
  await expect(store.append("account-1", newEvents(1), { expectedVersion: "noStream" })).rejects.toMatchObject({
    code: "wrong-expected-version",
  });
  expect(news).toBe(0);
  await store.append("account-1", newEvents(1), { expectedVersion: "any" });
  expect(news).toBe(1);
});

test("a full disk undoes the whole group, and later writes leave no hole", async () => {
  const { store, database } = await openWatched();
  await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  const pages = database.pragma("page_count", { simple: true }) as number;
  database.pragma(`max_page_count = ${pages}`);
  const large = { data: JSON.stringify({ text: "x".repeat(100_000) }) };
  const outcomes = await Promise.allSettled([
    store.append("account-1", [newEvent()], { expectedVersion: "any" }),
    store.append("account-2", [newEvent(large)], { expectedVersion: "any" }),
    store.append("account-3", [newEvent()], { expectedVersion: "any" }),
  ]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "store-unavailable", retryable: true } });
  expect(outcomes[0]).toMatchObject({ reason: { message: expect.stringMatching(/^SQLite store bank\.db cannot grow: the disk is full/) } });

  database.pragma("max_page_count = 1000000");
  expect(await store.append("account-3", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ version: 0, position: 1 });
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "any" })).toMatchObject({ version: 1, position: 2 });
});

test("closing commits what was accepted", async () => {
  const path = temporaryFile();
  const { store } = await openWatched(path);
  const appends = Array.from({ length: 1_000 }, () => store.append("account-1", [newEvent()], { expectedVersion: "any" }));
  await store.close();
  expect((await Promise.all(appends)).at(-1)).toMatchObject({ version: 999 });
  await using again = await openSqliteStore(path);
  expect(await collect(again, { stream: "account-1" })).toHaveLength(1_000);
});

test("a buffer may be used again before the commit", async () => {
  const { store } = await openWatched();
  const data = new Uint8Array([1, 2, 3]);
  const append = store.append("account-1", [newEvent({ contentType: "application/octet-stream", data })], { expectedVersion: "any" });
  data.fill(0);
  await append;
  expect((await collect(store, { all: true })).map((event) => event.data)).toEqual([Buffer.from([1, 2, 3])]);
});

test("empty bytes and empty text are kept apart", async () => {
  const { store } = await openWatched();
  await store.append(
    "account-1",
    [newEvent({ contentType: "text/plain", data: "" }), newEvent({ contentType: "a/b", data: new Uint8Array(0) })],
    {
      expectedVersion: "any",
    },
  );
  const [text, bytes] = await collect(store, { all: true });
  expect(text?.data).toBe("");
  expect(bytes?.data).toBeInstanceOf(Uint8Array);
  expect(bytes?.data).toHaveLength(0);
});

test("a writer that waits too long for another is told to try again", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path, { busyTimeoutMs: 1 });
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec("BEGIN IMMEDIATE");
  const append = store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  await expect(append).rejects.toThrow(/is being written by another process and did not become free in time/);
  await expect(append).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
  other.exec("ROLLBACK");
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ position: 0 });
});

test("a writer that waits for another holds up nothing else, and writes when it is free", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec("BEGIN IMMEDIATE");
  const append = store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  expect(await collect(store, { all: true })).toEqual([]);
  other.exec("ROLLBACK");
  expect(await append).toMatchObject({ version: 0, position: 0 });
});

test("closing waits for a write that waits for another process", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec("BEGIN IMMEDIATE");
  const append = store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  const closed = store.close();
  other.exec("ROLLBACK");
  await closed;
  expect(await append).toMatchObject({ position: 0 });
});
