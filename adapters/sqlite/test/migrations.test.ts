import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { makeFirstSchema } from "./old-store.ts";
import { temporaryFile } from "./temporary-file.ts";

test("a file of the first schema is brought up when it is opened for writing, and has all that it had", async () => {
  const path = temporaryFile();
  makeFirstSchema(path);
  await using store = await openSqliteStore(path);
  const events = await collect(store, { all: true });
  expect(events.map(({ stream, version, position }) => [stream, version, position])).toEqual([
    ["account-1", 0, 0],
    ["account-2", 0, 1],
    ["account-1", 1, 2],
    ["account-1", 2, 3],
  ]);
  expect(await store.streamInfo("account-1")).toEqual({
    stream: "account-1",
    state: "live",
    lastVersion: 2,
    firstVersion: 0,
    metadata: {},
  });
  await store.write([{ kind: "delete", stream: "account-1", expectedVersion: "exists" }]);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ version: 3, position: 4 });
  expect((await collect(store, { stream: "account-1" })).map(({ version }) => version)).toEqual([3]);
});

test("a file of the first schema is refused with readOnly, and not changed", async () => {
  const path = temporaryFile();
  makeFirstSchema(path);
  await expect(openSqliteStore(path, { readOnly: true })).rejects.toThrow(
    /has schema version 1, and this program reads \d+\. Open it once/,
  );
  expect(schemaVersion(path)).toBe(1);
  await (await openSqliteStore(path)).close();
  await using store = await openSqliteStore(path, { readOnly: true });
  expect(await collect(store, { all: true })).toHaveLength(4);
});

test("several that open an old file at the same time bring it up once", async () => {
  const path = temporaryFile();
  makeFirstSchema(path);
  const stores = await Promise.all([openSqliteStore(path), openSqliteStore(path), openSqliteStore(path)]);
  for (const store of stores) expect(await collect(store, { category: "account" })).toHaveLength(4);
  for (const store of stores) await store.close();
});

test("an old file and a new one end with the same schema", async () => {
  const [old, fresh] = [temporaryFile(), temporaryFile()];
  makeFirstSchema(old);
  for (const path of [old, fresh]) await (await openSqliteStore(path)).close();
  expect(schemaOf(old)).toEqual(schemaOf(fresh));
  expect(schemaVersion(old)).toBe(schemaVersion(fresh));
});

function schemaVersion(path: string): unknown {
  return inFile(path, (database) => database.pragma("user_version", { simple: true }));
}

function schemaOf(path: string): unknown {
  return inFile(path, (database) => database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all());
}

function inFile<T>(path: string, look: (database: Database.Database) => T): T {
  const database = new Database(path);
  try {
    return look(database);
  } finally {
    database.close();
  }
}
