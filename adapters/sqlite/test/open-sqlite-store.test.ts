import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ForeignStore, StoreUnavailable } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

test("a store that was closed is read again with everything in it", async () => {
  const path = temporaryFile();
  const [text, bytes] = [
    newEvent({ data: '{"b":1,  "a":2}', metadata: '{"x": 1}' }),
    newEvent({ contentType: "image/png", data: new Uint8Array([0, 255]) }),
  ];
  const first = await openSqliteStore(path);
  await first.append("account-1", [text, bytes], { expectedVersion: "noStream" });
  await first.close();

  await using second = await openSqliteStore(path);
  const [one, two] = await collect(second, { stream: "account-1" });
  expect(one).toMatchObject({ id: text.id, data: text.data, metadata: text.metadata, contentType: "application/json", schemaVersion: 1 });
  expect(two).toMatchObject({ id: bytes.id, contentType: "image/png", position: 1, version: 1 });
  expect(Buffer.from(two?.data as Uint8Array)).toEqual(Buffer.from([0, 255]));
});

test("the example of the README runs", async () => {
  const directory = temporaryDirectory();
  // #region example
  await using store = await openSqliteStore(join(directory, "bank.db"));
  const opened = {
    id: crypto.randomUUID(),
    type: "AccountOpened",
    schemaVersion: 1,
    contentType: "application/json",
    data: '{"owner":"Ann"}',
    metadata: "{}",
  };
  await store.append("account-1", [opened], { expectedVersion: "noStream" });

  const lines: string[] = [];
  for await (const event of store.read({ category: "account" })) {
    lines.push(`${event.position} ${event.stream} ${event.version} ${event.type} ${String(event.data)}`);
  }
  // #endregion
  expect(lines).toEqual(['0 account-1 0 AccountOpened {"owner":"Ann"}']);
});

test("a store says how durable it is, by the settings that were read back", async () => {
  await using store = await openSqliteStore(temporaryFile());
  expect(store.durability).toBe("SQLite, journal_mode=wal, synchronous=FULL");
});

test("an empty file becomes a store", async () => {
  const path = temporaryFile();
  writeFileSync(path, "");
  await using store = await openSqliteStore(path);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ version: 0, position: 0 });
});

test("a store has an epoch id of its own that it keeps", async () => {
  const [path, other] = [temporaryFile(), temporaryFile()];
  const epochs: unknown[] = [];
  for (const file of [path, path, other]) {
    await (await openSqliteStore(file)).close();
    withDatabase(file, (database) => epochs.push(database.prepare("SELECT epoch FROM log").pluck().get()));
  }
  expect(epochs[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(epochs[1]).toBe(epochs[0]);
  expect(epochs[2]).not.toBe(epochs[0]);
});

test.each([{ readOnly: true }, { mustExist: true }])("a missing file is not made with %o", async (options) => {
  const path = temporaryFile();
  await expect(openSqliteStore(path, options)).rejects.toThrow(
    new StoreUnavailable(`SQLite store ${path}`, "does not exist", { retryable: false }),
  );
  expect(existsSync(path)).toBe(false);
});

test("a file in a directory that does not exist is refused in one sentence", async () => {
  const directory = temporaryDirectory();
  const opening = openSqliteStore(join(directory, "missing", "bank.db"));
  await expect(opening).rejects.toThrow(
    `SQLite store ${directory}/missing/bank.db cannot be made: there is no directory ${directory}/missing.`,
  );
  await expect(opening).rejects.toBeInstanceOf(StoreUnavailable);
});

test("a directory is refused in one sentence", async () => {
  const directory = temporaryDirectory();
  const opening = openSqliteStore(directory);
  await expect(opening).rejects.toThrow(`SQLite store ${directory} is a directory, and must be a file.`);
  await expect(opening).rejects.toBeInstanceOf(StoreUnavailable);
});

test("a file below another file is refused", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "text");
  await expect(openSqliteStore(join(directory, "file", "bank.db"))).rejects.toBeInstanceOf(StoreUnavailable);
});

test.each([":memory:", "", "  ", "a\0b", "bank.db ", "bank.db\n"])("%j is not the path of a file", async (path) => {
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "invalid-argument" });
});

test.each([{ busyTimeoutMs: -1 }, { busyTimeoutMs: Number.NaN }, { pollIntervalMs: 0 }, { pollIntervalMs: 1.5 }, { maxEventBytes: 0 }])(
  "the options %o are refused, and the file can be opened afterwards",
  async (options) => {
    const path = temporaryFile();
    await expect(openSqliteStore(path, options)).rejects.toMatchObject({ code: "invalid-argument" });
    await using store = await openSqliteStore(path);
    await store.append("account-1", [newEvent()], { expectedVersion: "any" });
  },
);

test.each([{}, { readOnly: true }])("a file that is no database is refused and not changed (%o)", async (options) => {
  const path = temporaryFile();
  writeFileSync(path, "id,amount\n1,100\n");
  const opening = openSqliteStore(path, options);
  await expect(opening).rejects.toBeInstanceOf(ForeignStore);
  await expect(opening).rejects.toThrow(
    `SQLite store ${path} is not a SQLite database. It was not changed. Give the path of an event store.`,
  );
  expect(readFileSync(path, "utf8")).toBe("id,amount\n1,100\n");
});

test.each([{}, { readOnly: true }])("a database of another application is refused and not changed (%o)", async (options) => {
  const path = temporaryFile();
  withDatabase(path, (database) => database.exec("CREATE TABLE notes (text TEXT)"));
  const before = readFileSync(path);
  await expect(openSqliteStore(path, options)).rejects.toBeInstanceOf(ForeignStore);
  expect(readFileSync(path)).toEqual(before);
});

test("a database of another application keeps what still stands in its write-ahead log", async () => {
  const directory = temporaryDirectory();
  const [path, copy] = [join(directory, "notes.db"), join(directory, "copy.db")];
  withDatabase(path, (database) => {
    database.pragma("journal_mode = WAL");
    database.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')");
    // As another process would leave it that was killed.
    for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, copy + suffix);
  });
  const contents = (): readonly unknown[] => readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]);
  const before = contents();
  await expect(openSqliteStore(copy)).rejects.toBeInstanceOf(ForeignStore);
  expect(contents()).toEqual(before);
});

test("a SQLite database without tables becomes a store", async () => {
  const path = temporaryFile();
  withDatabase(path, (database) => database.exec("CREATE TABLE notes (text TEXT); DROP TABLE notes"));
  await using store = await openSqliteStore(path);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ position: 0 });
});

test("a database with the mark of another application is refused, also without tables", async () => {
  const path = temporaryFile();
  withDatabase(path, (database) => database.pragma("application_id = 7"));
  await expect(openSqliteStore(path)).rejects.toBeInstanceOf(ForeignStore);
});

test.each([{}, { readOnly: true }])("a store of a newer program is refused (%o)", async (options) => {
  const path = temporaryFile();
  await (await openSqliteStore(path)).close();
  withDatabase(path, (database) => database.pragma("user_version = 1000"));
  await expect(openSqliteStore(path, options)).rejects.toThrow(
    /has schema version 1000, and this program knows none above \d+\. Use the newer version/,
  );
  await expect(openSqliteStore(path, options)).rejects.toBeInstanceOf(ForeignStore);
});

test("a store opened with readOnly is read, follows its writer, and refuses to write", async () => {
  const path = temporaryFile();
  await using writer = await openSqliteStore(path);
  await writer.append("account-1", newEvents(3), { expectedVersion: "noStream" });
  await using reader = await openSqliteStore(path, { readOnly: true });
  expect(await collect(reader, { all: true })).toHaveLength(3);
  await writer.append("account-1", [newEvent()], { expectedVersion: "any" });
  expect(await collect(reader, { stream: "account-1" })).toHaveLength(4);

  const append = reader.append("account-1", [newEvent()], { expectedVersion: "any" });
  await expect(append).rejects.toThrow(`SQLite store ${path} was opened with readOnly; open it for writing.`);
  await expect(append).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
});

test("a store that nobody has open is read with readOnly", async () => {
  const path = temporaryFile();
  const writer = await openSqliteStore(path);
  await writer.append("account-1", newEvents(3), { expectedVersion: "noStream" });
  await writer.close();
  const before = readFileSync(path);
  const reader = await openSqliteStore(path, { readOnly: true });
  expect(await collect(reader, { all: true })).toHaveLength(3);
  await reader.close();
  expect(readFileSync(path)).toEqual(before);
});

test("a backup copy, which has no write-ahead log, is read with readOnly", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await store.append("account-1", newEvents(3), { expectedVersion: "noStream" });
  withDatabase(path, (database) => database.prepare("VACUUM INTO ?").run(`${path}.copy`));
  await using copy = await openSqliteStore(`${path}.copy`, { readOnly: true });
  expect(await collect(copy, { category: "account" })).toHaveLength(3);
});

test("an empty file is no store for a reader", async () => {
  const path = temporaryFile();
  writeFileSync(path, "");
  await expect(openSqliteStore(path, { readOnly: true })).rejects.toBeInstanceOf(ForeignStore);
  expect(readFileSync(path)).toHaveLength(0);
});

test("a damaged file is named", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  await store.append("account-1", newEvents(200), { expectedVersion: "noStream" });
  await store.close();
  const content = readFileSync(path);
  writeFileSync(path, content.fill(0xff, 4096));
  await expect(openAndRead(path)).rejects.toThrow(`SQLite store ${path} is damaged; restore it from a backup.`);
});

test("a closed store leaves one file behind", async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "data"));
  const store = await openSqliteStore(join(directory, "data", "bank.db"));
  await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  await store.close();
  expect(readdirSync(join(directory, "data"))).toEqual(["bank.db"]);
});

async function openAndRead(path: string): Promise<void> {
  await using store = await openSqliteStore(path);
  await collect(store, { stream: "account-1" });
}

function withDatabase(path: string, work: (database: Database.Database) => void): void {
  const database = new Database(path);
  try {
    work(database);
  } finally {
    database.close();
  }
}

test("a database of another application is not changed by the same name with a blank behind it", async () => {
  const path = temporaryFile();
  const other = new Database(path);
  other.exec("CREATE TABLE customers (name TEXT)");
  other.close();
  await expect(openSqliteStore(`${path} `)).rejects.toMatchObject({ code: "invalid-argument" });
  withDatabase(path, (database) => {
    expect(database.prepare("SELECT name FROM sqlite_schema").pluck().all()).toEqual(["customers"]);
  });
});
