/**
 * The log, its streams and its events.
 *
 * `events.category` repeats that of the stream, so that an index serves a category in the order of the log: an index ends with the rowid, which is the position.
 * `events.content_type` is null for JSON, the usual case. `events.data` is text or a blob, as it was written.
 */
export const events = `
CREATE TABLE log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch TEXT NOT NULL
) STRICT;

CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  category TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  stream_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  category TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  time INTEGER NOT NULL,
  id BLOB NOT NULL,
  content_type TEXT,
  metadata TEXT NOT NULL,
  data ANY NOT NULL
) STRICT;

CREATE UNIQUE INDEX events_by_stream ON events (stream_id, version);
CREATE UNIQUE INDEX events_by_id ON events (id, stream_id);
CREATE INDEX events_by_category ON events (category);
CREATE INDEX events_by_type ON events (type);
`;
