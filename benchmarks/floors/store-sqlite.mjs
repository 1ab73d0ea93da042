// The floor of the SQLite store: the same rows by hand with better-sqlite3, into tables with the same columns and indexes and with the same durability. It knows the
// number and the version of each stream from a Map, and checks nothing. A read parses its data; a catch-up is a scan in pages that lets the loop turn between two.
import Database from "better-sqlite3";

const SCHEMA = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, version INTEGER NOT NULL,
    deleted_before INTEGER NOT NULL DEFAULT 0, is_tombstoned INTEGER NOT NULL DEFAULT 0, metadata TEXT
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, category TEXT NOT NULL,
    schema_version INTEGER NOT NULL, time INTEGER NOT NULL, id BLOB NOT NULL, content_type TEXT, metadata TEXT NOT NULL, data ANY NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream_id, version);
  CREATE UNIQUE INDEX events_by_id ON events (id, stream_id);
  CREATE INDEX events_by_category ON events (category);
  CREATE INDEX events_by_type ON events (type);
`;
const COLUMNS = "position, stream_id, version, type, schema_version, time, id, content_type, metadata, data";
/** @param {any} row */
const positionOf = (row) => row[0];
/** @param {any} row */
const dataOf = (row) => JSON.parse(row[9]);

/** @typedef {{ id: string; type: string; schemaVersion: number; contentType: string; data: string | Uint8Array; metadata: string }} NewEvent */
/** @typedef {{ stream: string; events: readonly NewEvent[] }} Append */

/**
 * Opens a database: a new one, or that of a store, whose tables have the same names.
 * @param {string} file
 */
export function openSqliteFloor(file) {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("cache_size = -32768");
  if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'events'").get() === undefined) database.exec(SCHEMA);
  const journalMode = String(database.pragma("journal_mode", { simple: true }));
  const synchronous = database.pragma("synchronous", { simple: true }) === 2 ? "FULL" : "other";
  const insertStream = database.prepare("INSERT INTO streams (name, category, version) VALUES (?, ?, ?)");
  const updateStream = database.prepare("UPDATE streams SET version = ? WHERE id = ?");
  const insertEvent = database.prepare(
    "INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, content_type, metadata, data) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)",
  );
  const selectStream = database.prepare("SELECT id FROM streams WHERE name = ?").pluck();
  const selectEvents = database.prepare(`SELECT ${COLUMNS} FROM events WHERE stream_id = ? ORDER BY version`).raw();
  // A bare parameter as a limit would have SQLite plan the statement anew for each page.
  const selectPage = database.prepare(`SELECT ${COLUMNS} FROM events WHERE position >= ? ORDER BY position LIMIT ? + 0`).raw();
  const streams = new Map();
  let position = 1 + Number(database.prepare("SELECT ifnull(max(position), -1) FROM events").pluck().get());

  /** @param {Append} append */
  function append({ stream, events }) {
    const now = Date.now();
    let known = streams.get(stream);
    if (known === undefined) {
      const category = stream.slice(0, stream.indexOf("-"));
      known = { id: insertStream.run(stream, category, events.length - 1).lastInsertRowid, category, version: -1 };
      streams.set(stream, known);
    } else updateStream.run(known.version + events.length, known.id);
    for (const { id, type, schemaVersion, data, metadata } of events) {
      const bytes = Buffer.from(id.replaceAll("-", ""), "hex");
      insertEvent.run(position++, known.id, ++known.version, type, known.category, schemaVersion, now, bytes, metadata, data);
    }
  }

  const appendInTransaction = database.transaction((/** @type {readonly Append[]} */ appends) => appends.forEach(append));

  return {
    durability: `SQLite, journal_mode=${journalMode}, synchronous=${synchronous}`,
    /** Carries out appends in one transaction. */
    appendAll: (/** @type {readonly Append[]} */ appends) => appendInTransaction.immediate(appends),
    /**
     * The parsed data of a stream's events.
     * @param {string} stream
     */
    read(stream) {
      return selectEvents.all(selectStream.get(stream)).map((row) => dataOf(row));
    },
    /**
     * Scans the log in pages and hands out the parsed data of each event.
     * @param {number} pageEvents
     * @param {(data: { amountCents: number }) => void} onData
     */
    async scan(pageEvents, onData) {
      for (let from = 0; ;) {
        const rows = selectPage.all(from, pageEvents);
        for (const row of rows) onData(dataOf(row));
        if (rows.length < pageEvents) return;
        from = positionOf(rows.at(-1)) + 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    close: () => database.close(),
  };
}
