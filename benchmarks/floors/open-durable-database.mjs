// A database as durable as a store, and as large a cache, for the floors of what is written to SQLite.
import Database from "better-sqlite3";

/**
 * Opens a new database.
 * @param {string} file
 * @param {string} schema
 */
export function openDurableDatabase(file, schema) {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("cache_size = -32768");
  database.exec(schema);
  const journalMode = String(database.pragma("journal_mode", { simple: true }));
  const synchronous = database.pragma("synchronous", { simple: true }) === 2 ? "FULL" : "other";
  return { database, durability: `SQLite, journal_mode=${journalMode}, synchronous=${synchronous}` };
}
