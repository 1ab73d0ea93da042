/**
 * What hides events of a stream from its readers.
 *
 * Events of versions below `streams.deleted_before` are deleted. `streams.metadata` is JSON, null while nothing is said. A stream that was only spoken of has
 * version -1.
 */
export const streamLife = `
ALTER TABLE streams ADD COLUMN deleted_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN is_tombstoned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN metadata TEXT;
`;
