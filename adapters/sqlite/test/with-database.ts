import Database from "better-sqlite3";

/** Works on a file by plain SQL. */
export function withDatabase<T>(path: string, work: (database: Database.Database) => T): T {
  const database = new Database(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}
