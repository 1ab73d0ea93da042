import { copyStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { beforeEach, expect, onTestFinished, test } from "vitest";

beforeEach(() => {
  const before = process.cwd();
  process.chdir(temporaryDirectory());
  onTestFinished(() => process.chdir(before));
});

test("a store that was opened by a relative path stays the same when the process goes elsewhere", async () => {
  await using store = await openSqliteStore("bank.db");
  await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  process.chdir(temporaryDirectory());
  await using copy = createInMemoryStore();
  expect(await copyStore(store, copy)).toMatchObject({ upTo: 0, events: 1 });
});

test("a file that is looked after by a relative path stays the same when the process goes elsewhere", async () => {
  await (await openSqliteStore("bank.db")).close();
  await using maintenance = await openSqliteMaintenance("bank.db");
  process.chdir(temporaryDirectory());
  expect(await maintenance.status()).toMatchObject({ location: "SQLite store bank.db", head: null });
});
