import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

/** Another program that keeps a file for itself, until it is closed. */
function lockWhole(path: string): Database.Database {
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.pragma("locking_mode = EXCLUSIVE");
  other.exec("BEGIN EXCLUSIVE; COMMIT");
  return other;
}

test("a file that another program keeps for itself is called busy when it is opened, and is opened when it is free", async () => {
  const path = temporaryFile();
  const first = await openSqliteStore(path);
  await first.append("account-1", newEvents(3), { expectedVersion: "noStream" });
  await first.close();
  const other = lockWhole(path);
  for (const readOnly of [false, true]) {
    const opening = openSqliteStore(path, { readOnly, busyTimeoutMs: 20 });
    await expect(opening).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    await expect(opening).rejects.toThrow(/is being written by another process and did not become free in time; try again/);
  }
  const waiting = openSqliteStore(path);
  other.close();
  await using store = await waiting;
  expect(await collect(store, { all: true })).toHaveLength(3);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ position: 3 });
});
