/**
 * A scavenge removes events, also the last of the log: then it writes the position and the time of that one down, behind which the log goes on.
 * `streams_that_hide` are those that it looks through.
 */
export const scavenge = `
ALTER TABLE log ADD COLUMN head_position INTEGER NOT NULL DEFAULT -1;
ALTER TABLE log ADD COLUMN head_time INTEGER NOT NULL DEFAULT 0;
CREATE INDEX streams_that_hide ON streams (id) WHERE deleted_before > 0 OR metadata IS NOT NULL;
`;
