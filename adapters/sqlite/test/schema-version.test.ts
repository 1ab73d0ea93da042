import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { StoreUnavailable } from "@reactive-domain/persistence";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { APPLICATION_ID } from "../src/migrations/migrate.ts";
import { filledStore } from "./maintenance/filled-store.ts";
import { temporaryFile } from "./temporary-file.ts";

/** SQLite's "Database File Format", section 1.3: where a file keeps its `user_version`. */
const USER_VERSION_OFFSET = 60;

async function storeOfVersion(schemaVersion: number): Promise<string> {
  const path = await filledStore();
  const bytes = readFileSync(path);
  bytes.writeInt32BE(schemaVersion, USER_VERSION_OFFSET);
  writeFileSync(path, bytes);
  return path;
}

test.each([-9, -1, 0])("a store whose schema version became %i is told as damaged, and is not changed", async (schemaVersion) => {
  const path = await storeOfVersion(schemaVersion);
  const before = readFileSync(path);
  const damaged = new StoreUnavailable(
    `SQLite store ${path}`,
    `is damaged: its schema version is ${schemaVersion}; restore it from a backup`,
    { retryable: false },
  );
  await expect(openSqliteStore(path)).rejects.toThrow(damaged.message);
  await expect(openSqliteStore(path, { readOnly: true })).rejects.toMatchObject({ code: "store-unavailable", message: damaged.message });
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.check()).toEqual({
    laws: ["storage"],
    findings: [
      { law: "storage", problem: `The schema version is ${schemaVersion}, which no store has: restore it from a backup; see the guide.` },
    ],
  });
  const calls = [
    () => maintenance.backup(`${path}.copy`),
    () => maintenance.status(),
    () => maintenance.vacuum(),
    () => maintenance.migrate(),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "store-unavailable", message: damaged.message });
  expect(existsSync(`${path}.copy`)).toBe(false);
  expect(readFileSync(path)).toEqual(before);
});

test("a file that was marked and has no tables yet becomes a store", async () => {
  const path = temporaryFile();
  const database = new Database(path);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.close();
  await using store = await openSqliteStore(path);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ position: 0 });
});
