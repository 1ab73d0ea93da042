import { openSqliteStore } from "@reactive-domain/sqlite";
import Database from "better-sqlite3";
import type { TorturedStore } from "./tortured-store.ts";

/** The SQLite store in a file. */
export function torturedSqliteStore(path: string): TorturedStore {
  return {
    open: ({ readOnly = false } = {}) => openSqliteStore(path, { readOnly, pollIntervalMs: 5, busyTimeoutMs: 10_000 }),
    check: async () => withDatabase(path, integrityProblems),
    plantHole: async () =>
      withDatabase(path, (database) => {
        database.exec("DELETE FROM events WHERE position = (SELECT max(position) / 2 FROM events)");
      }),
  };
}

function integrityProblems(database: Database.Database): readonly string[] {
  const rows = database.prepare<[], string>("PRAGMA integrity_check").pluck().all();
  return rows.filter((row) => row !== "ok").map((row) => `PRAGMA integrity_check: ${row}`);
}

function withDatabase<T>(path: string, work: (database: Database.Database) => T): T {
  const database = new Database(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}
