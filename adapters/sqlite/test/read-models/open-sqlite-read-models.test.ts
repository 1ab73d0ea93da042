import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { defineListing } from "@reactive-domain/messaging";
import { defineReadModels } from "@reactive-domain/persistence";
import { openSqliteReadModels, openSqliteStore } from "@reactive-domain/sqlite";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFile } from "../temporary-file.ts";
import { withDatabase } from "../with-database.ts";

const accounts = defineReadModels("account-views", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", balance: "number", isOpen: "boolean" } }),
});

test("what was put is there when the file is opened again, and plain SQL reads it", async () => {
  const path = temporaryFile();
  const first = await openSqliteReadModels(path);
  expect(first.durability).toBe("SQLite, journal_mode=wal, synchronous=FULL");
  const before = await first.repository(accounts);
  const { version } = await before.put({ accountId: "a-1", balance: 5, isOpen: true, tags: ["x"] });
  await before.put({ accountId: "a-2" });
  const removed = await before.put({ accountId: "a-2" });
  await before.delete("a-2");
  await first.close();
  await using second = await openSqliteReadModels(path);
  const repository = await second.repository(accounts);
  expect(await repository.get("a-1")).toEqual({ item: { accountId: "a-1", balance: 5, isOpen: true, tags: ["x"] }, version });
  const next = await repository.put({ accountId: "a-2" });
  expect(next.version).toBeGreaterThan(removed.version);
  const rows = withDatabase(path, (database) =>
    database.prepare("SELECT balance, isOpen, _item ->> '$.tags[0]' AS tag FROM account_views_v1").all(),
  );
  expect(rows).toEqual([
    { balance: 5, isOpen: 1, tag: "x" },
    { balance: null, isOpen: null, tag: null },
  ]);
});

test("the file of an event store is refused and not changed, and an event store refuses that of read models", async () => {
  const [events, views] = [temporaryFile(), temporaryFile()];
  await (await openSqliteStore(events)).close();
  await (await openSqliteReadModels(views)).close();
  const before = readFileSync(events);
  const opening = openSqliteReadModels(events);
  await expect(opening).rejects.toMatchObject({ code: "foreign-store" });
  await expect(opening).rejects.toThrow("Give the path of a file of read models.");
  expect(readFileSync(events)).toEqual(before);
  await expect(openSqliteStore(views)).rejects.toMatchObject({ code: "foreign-store" });
});

test("a file that is no database, or that a newer program made, is refused", async () => {
  const [text, newer] = [temporaryFile(), temporaryFile()];
  writeFileSync(text, "id,amount\n1,100\n");
  await expect(openSqliteReadModels(text)).rejects.toMatchObject({ code: "foreign-store" });
  await (await openSqliteReadModels(newer)).close();
  withDatabase(newer, (database) => database.pragma("user_version = 3"));
  await expect(openSqliteReadModels(newer)).rejects.toThrow("Use the newer version of @reactive-domain/sqlite that made it.");
});

test("who asks for read models in memory is told what gives them", async () => {
  await expect(openSqliteReadModels(":memory:")).rejects.toThrow("For read models in memory take createInMemoryReadModels.");
});

test.each([{ busyTimeoutMs: -1 }, { busyTimeOutMs: 5 }, null])("the options %o are refused", async (options) => {
  await expect(openSqliteReadModels(temporaryFile(), options as object)).rejects.toMatchObject({ code: "invalid-argument" });
});

test("a change waits for another process that writes, and says so when that takes too long", async () => {
  const path = temporaryFile();
  await using models = await openSqliteReadModels(path, { busyTimeoutMs: 20 });
  const repository = await models.repository(accounts);
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec("BEGIN IMMEDIATE");
  await expect(repository.put({ accountId: "a-1" })).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
  expect(await repository.get("a-1")).toBeUndefined();
  other.exec("ROLLBACK");
  await repository.put({ accountId: "a-1" });
});

test("a discarded read model is refused to those who still have it, and nobody else's change fails with it", async () => {
  await using models = await openSqliteReadModels(temporaryFile());
  const gone = await models.repository(accounts);
  const other = await models.repository(defineReadModels("others", { listing: accounts.listing }));
  await models.discard("account-views", 1);
  const [put, removed, kept] = await Promise.allSettled([
    gone.put({ accountId: "a-1" }),
    gone.delete("a-1"),
    other.put({ accountId: "a-1" }),
  ]);
  expect([put.status, removed.status, kept.status]).toEqual(["rejected", "rejected", "fulfilled"]);
  await expect(gone.get("a-1")).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
  expect(await other.get("a-1")).toBeDefined();
});

test("a file that must exist is not made", async () => {
  const path = temporaryFile();
  await expect(openSqliteReadModels(path, { mustExist: true })).rejects.toMatchObject({
    code: "store-unavailable",
    message: `SQLite read models ${path} does not exist.`,
  });
  expect(existsSync(path)).toBe(false);
  await (await openSqliteReadModels(path)).close();
  await using views = await openSqliteReadModels(path, { mustExist: true });
  expect(await views.projections.list()).toEqual([]);
});
