import { dirname, join } from "node:path";
import { openSqliteReadModels, openSqliteStore } from "@reactive-domain/sqlite";
import Database from "better-sqlite3";
import { SCRAP } from "./scrap.ts";
import type { TorturedPlace, TorturedStore } from "./tortured-store.ts";

/** The SQLite store in a file, and what keeps its projections in another one beside it. */
export function torturedSqliteStore(path: string): TorturedStore {
  const views = join(dirname(path), "views.db");
  return {
    open: ({ readOnly = false } = {}) => openSqliteStore(path, { readOnly, pollIntervalMs: 5, busyTimeoutMs: 10_000 }),
    openViews: () => openSqliteReadModels(views, { busyTimeoutMs: 10_000 }),
    lanes: 1,
    rowsOf: async (table) =>
      withDatabase(views, (database) => database.prepare<[], Readonly<Record<string, unknown>>>(`SELECT * FROM ${table}`).all()),
    // The locks of a process end with it.
    settled: async () => undefined,
    check: async () => [path, views].flatMap((file) => withDatabase(file, integrityProblems)),
    plantHole: async () =>
      withDatabase(path, (database) => {
        // Of a stream that is never removed: holes of others are what a scavenge leaves.
        const { changes } = database
          .prepare(
            "DELETE FROM events WHERE position = (SELECT position FROM events WHERE stream_id IN " +
              "(SELECT id FROM streams WHERE deleted_before = 0 AND metadata IS NULL AND name NOT LIKE ?) " +
              "AND position >= (SELECT max(position) / 2 FROM events) ORDER BY position LIMIT 1)",
          )
          .run(`${SCRAP}%`);
        if (changes !== 1) throw new Error("No hole could be planted: the log has no event of a stream that stays.");
      }),
  };
}

/** A file in a folder that is kept or removed by its owner. */
export function sqlitePlace(folder: string): TorturedPlace {
  return { url: `sqlite:${join(folder, "torture.db")}`, name: folder, most: 2, end: async () => undefined };
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
