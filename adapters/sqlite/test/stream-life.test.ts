import { version } from "@reactive-domain/core";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

test("what one process deletes, bars or says is known to another that knew the stream before", async () => {
  const path = temporaryFile();
  await using one = await openSqliteStore(path);
  await using two = await openSqliteStore(path);
  for (const stream of ["account-1", "account-2"]) await two.append(stream, newEvents(2), { expectedVersion: "noStream" });
  await one.write([
    { kind: "delete", stream: "account-1", expectedVersion: "exists" },
    { kind: "tombstone", stream: "account-2", expectedVersion: "exists" },
  ]);
  await expect(two.append("account-1", [newEvent()], { expectedVersion: "exists" })).rejects.toMatchObject({
    code: "wrong-expected-version",
  });
  await expect(two.append("account-2", [newEvent()], { expectedVersion: "any" })).rejects.toMatchObject({ code: "stream-tombstoned" });
  expect(await two.append("account-1", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ version: 2, position: 4 });
  await one.write([{ kind: "metadata", stream: "account-1", metadata: { truncateBefore: version(3) } }]);
  expect(await collect(two, { stream: "account-1" })).toEqual([]);
});

test("deletion, tombstones and metadata are there again when the file is opened again", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  for (const stream of ["account-1", "account-2", "account-3"]) await store.append(stream, newEvents(3), { expectedVersion: "noStream" });
  await store.write([
    { kind: "delete", stream: "account-1", expectedVersion: "any" },
    { kind: "tombstone", stream: "account-2", expectedVersion: "any" },
    { kind: "metadata", stream: "account-3", metadata: { maxCount: 1 } },
    { kind: "metadata", stream: "account-4", metadata: { custom: { owner: "Ann" } } },
  ]);
  await store.close();
  await using again = await openSqliteStore(path, { readOnly: true });
  expect(await again.streamInfo("account-1")).toMatchObject({ state: "deleted", lastVersion: 2, firstVersion: null });
  expect(await again.streamInfo("account-2")).toMatchObject({ state: "tombstoned", lastVersion: 2, firstVersion: null });
  expect(await again.streamInfo("account-3")).toMatchObject({ state: "live", lastVersion: 2, firstVersion: 2 });
  expect(await again.streamInfo("account-4")).toMatchObject({
    state: "missing",
    lastVersion: null,
    metadata: { custom: { owner: "Ann" } },
  });
});

test("metadata is kept as it was when it was handed in", async () => {
  await using store = await openSqliteStore(temporaryFile());
  const metadata = { maxCount: 2 };
  const write = store.write([{ kind: "metadata", stream: "account-1", metadata }]);
  metadata.maxCount = 1;
  await write;
  expect((await store.streamInfo("account-1")).metadata).toEqual({ maxCount: 2 });
});

test("in a long stream the first event that is young enough is found where it is", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await store.append("account-1", newEvents(1_000), { expectedVersion: "noStream" });
  const database = new Database(path);
  const now = Date.now();
  for (const young of [0, 1, 499, 998, 999, 1_000]) {
    database.prepare("UPDATE events SET time = CASE WHEN version < ? THEN ? ELSE ? END").run(young, now - 7_200_000, now - 60_000);
    await store.write([{ kind: "metadata", stream: "account-1", metadata: { maxAgeMs: 3_600_000 } }]);
    expect((await store.streamInfo("account-1")).firstVersion).toBe(young === 1_000 ? null : young);
    expect(await collect(store, { stream: "account-1" })).toHaveLength(1_000 - young);
  }
  database.close();
});
