/**
 * Consumer groups, and what each has taken from the log that is not settled.
 *
 * `group_entries.state` is one of `group-entry.ts`. `at` is when a delayed one is due or the lease of a claimed one ends, and 0 otherwise, so that the index by
 * state is in the order of the log or of time. A suspect that is claimed stays marked as one. `in_line` tells that later entries of its key wait for it. `log.last_fence` is the last token that a claim had.
 */
export const consumerGroups = `
ALTER TABLE log ADD COLUMN last_fence INTEGER NOT NULL DEFAULT 0;

CREATE TABLE consumer_groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL,
  next INTEGER NOT NULL
) STRICT;

CREATE TABLE group_entries (
  group_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  key TEXT,
  in_line INTEGER NOT NULL,
  state INTEGER NOT NULL,
  at INTEGER NOT NULL,
  due INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  is_suspect INTEGER NOT NULL,
  is_alone INTEGER,
  consumer TEXT,
  fence INTEGER,
  error TEXT,
  parked_at INTEGER,
  PRIMARY KEY (group_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_entries_by_state ON group_entries (group_id, state, at);
CREATE INDEX group_entries_by_consumer ON group_entries (group_id, consumer) WHERE consumer IS NOT NULL;
CREATE INDEX group_entries_in_line ON group_entries (group_id, key) WHERE in_line = 1;
`;
