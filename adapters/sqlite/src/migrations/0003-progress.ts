/** What is kept beside the log: states of folds, and how far those who follow have come. `snapshots.data` is text or a blob, as it was written. */
export const progress = `
CREATE TABLE snapshots (
  name TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  hash TEXT NOT NULL,
  content_type TEXT NOT NULL,
  data ANY NOT NULL,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE checkpoints (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
