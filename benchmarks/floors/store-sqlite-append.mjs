// The floor of appends to the SQLite store: the same rows by hand with better-sqlite3, into tables with the same indexes and with the same durability, and the row of the
// stream with each append, where its version is kept. It knows the number and the version of each stream from a Map, and checks nothing.
import { openDurableDatabase } from "./open-durable-database.mjs";

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

/** @typedef {{ id: string; type: string; schemaVersion: number; contentType: string; data: string | Uint8Array; metadata: string }} NewEvent */
/** @typedef {{ stream: string; events: readonly NewEvent[] }} Append */

/**
 * Opens a new database.
 * @param {string} file
 */
export function openAppendFloor(file) {
  const { database, durability } = openDurableDatabase(file, SCHEMA);
  const insertStream = database.prepare("INSERT INTO streams (name, category, version) VALUES (?, ?, ?)");
  const updateStream = database.prepare("UPDATE streams SET version = ? WHERE id = ?");
  const insertEvent = database.prepare(
    "INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, content_type, metadata, data) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)",
  );
  const streams = new Map();
  let position = 0;

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
    durability,
    /** Carries out appends in one transaction. */
    appendAll: (/** @type {readonly Append[]} */ appends) => appendInTransaction.immediate(appends),
    close: () => database.close(),
  };
}
