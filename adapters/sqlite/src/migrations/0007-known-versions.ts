/**
 * The version of a stream is that of its last event. Its row is not written with each append: an append then changes one page less, of a table whose rows lie
 * far apart in a large log. `streams.known_version` is what the last version is at least: a scavenge writes it, since it may remove the last event.
 */
export const knownVersions = `
ALTER TABLE streams RENAME COLUMN version TO known_version;
`;
