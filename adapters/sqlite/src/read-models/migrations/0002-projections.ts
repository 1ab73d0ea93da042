/**
 * `read_models.projection` names what makes the items; no item of such a read model, in any of its generations, has or had a greater version than `last_version`.
 * The tables of a generation are JSON: `name` is what it is called when it is live, `table` what it is called now.
 */
export const projections = `
ALTER TABLE read_models ADD COLUMN projection TEXT;

CREATE TABLE projections (
  name TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  paused_until_ms INTEGER,
  last_generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE projection_fence (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  last INTEGER NOT NULL
) STRICT;
INSERT INTO projection_fence (one, last) VALUES (1, 0);

CREATE TABLE projection_generations (
  projection TEXT NOT NULL,
  generation INTEGER NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  making TEXT NOT NULL,
  tables TEXT NOT NULL,
  handled INTEGER NOT NULL DEFAULT 0,
  made_at_ms INTEGER NOT NULL,
  worker TEXT,
  lease_until_ms INTEGER,
  fence INTEGER,
  PRIMARY KEY (projection, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE projection_lanes (
  projection TEXT NOT NULL,
  generation INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  position INTEGER,
  PRIMARY KEY (projection, generation, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE projection_entries (
  projection TEXT NOT NULL,
  generation INTEGER NOT NULL,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT NOT NULL,
  size INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (projection, generation, position, key)
) STRICT;
CREATE INDEX projection_entries_by_state ON projection_entries (projection, generation, state, position, key);
CREATE INDEX projection_entries_by_key ON projection_entries (projection, generation, key, position)`;
