import { SINCE } from "./any-schema.ts";

/** Something that holds in every sound store, as a query for what breaks it. */
export interface Law {
  readonly name: string;
  /** The first schema that has what it is about. */
  readonly since: number;
  /** Selects one `problem` for each breach. The table `here` has the `head` of the log, -1 for none, and `json`, how many events are looked into for it; `lives` has the streams with their `known` and `last` versions, -1 for none. */
  readonly breaches: string;
}

const STREAM = "'Stream ' || s.name || ' '";
const LOG_END = "CASE head WHEN -1 THEN 'before its first event' ELSE 'at position ' || head END";
const PLACE = "'Event ' || e.position || ' of stream ' || s.name || ' '";
const AHEAD = `'the log ends ' || ${LOG_END} || '. It was moved on another log, or on this one before a backup was restored: set it back, and let who follows handle again what it leads to.'`;

/**
 * The laws of the log and of what is kept beside it. What a scavenge leaves of a stream are its last events without a hole between them, or none; a stream that
 * never hid anything has all.
 */
export const LAWS: readonly Law[] = [
  {
    name: "one-log",
    since: 1,
    breaches:
      "SELECT 'The table log has ' || n || ' rows, and must have one.' AS problem FROM (SELECT count(*) AS n FROM log) WHERE n <> 1",
  },
  {
    name: "event-streams",
    since: 1,
    breaches:
      "SELECT 'Event ' || e.position || ' belongs to a stream ' || e.stream_id || ' that is not there.' AS problem " +
      "FROM events e LEFT JOIN streams s ON s.id = e.stream_id WHERE s.id IS NULL",
  },
  {
    name: "stream-versions",
    since: 1,
    breaches:
      `SELECT ${STREAM} || 'holds ' || count(*) || ' events between versions ' || min(e.version) || ' and ' || max(e.version) || ': some are missing.' AS problem ` +
      "FROM events e JOIN streams s ON s.id = e.stream_id GROUP BY e.stream_id HAVING count(*) <> max(e.version) - min(e.version) + 1 OR min(e.version) < 0",
  },
  {
    name: "stream-last-version",
    since: 1,
    breaches: `SELECT ${STREAM} || 'had version ' || known || ', but its last event has ' || last || '.' AS problem FROM lives s WHERE last BETWEEN 0 AND known - 1`,
  },
  {
    name: "stream-beginnings",
    since: SINCE.streamLife,
    breaches:
      `SELECT ${STREAM} || 'has never hidden an event, and lacks its first ones: ' || CASE WHEN first IS NULL THEN 'it has none.' ELSE 'it begins with version ' || first || '.' END AS problem ` +
      "FROM (SELECT *, (SELECT min(version) FROM events WHERE stream_id = lives.id) AS first FROM lives) s " +
      "WHERE s.deleted_before = 0 AND s.metadata IS NULL AND s.is_tombstoned = 0 AND first IS NOT 0",
  },
  {
    name: "positions",
    since: 1,
    breaches:
      "SELECT 'The log ends at position ' || head || ', but its streams have ' || given || ' versions, and each must have a position.' AS problem " +
      "FROM here, (SELECT sum(max(known, last) + 1) AS given FROM lives) WHERE ifnull(given, 0) <> head + 1 " +
      "UNION ALL SELECT 'Event ' || position || ' has a position below 0.' FROM events WHERE position < 0",
  },
  {
    name: "stream-order",
    since: 1,
    breaches:
      `SELECT ${PLACE} || 'has version ' || e.version || ', but stands before version ' || p.version || '.' AS problem ` +
      "FROM events e JOIN events p ON p.stream_id = e.stream_id AND p.version = e.version - 1 JOIN streams s ON s.id = e.stream_id WHERE p.position > e.position",
  },
  {
    name: "times",
    since: 1,
    breaches:
      `SELECT ${PLACE} || 'is older than the event before it.' AS problem FROM events e JOIN streams s ON s.id = e.stream_id ` +
      "WHERE e.time < (SELECT time FROM events p WHERE p.position < e.position ORDER BY p.position DESC LIMIT 1)",
  },
  {
    name: "categories",
    since: 1,
    breaches:
      `SELECT ${STREAM} || 'is filed under category ' || s.category || '.' AS problem FROM streams s WHERE s.category <> substr(s.name, 1, instr(s.name || '-', '-') - 1) ` +
      `UNION ALL SELECT ${PLACE} || 'is filed under category ' || e.category || '.' FROM events e JOIN streams s ON s.id = e.stream_id WHERE e.category <> s.category`,
  },
  {
    name: "event-fields",
    since: 1,
    breaches:
      `SELECT ${PLACE} || 'has ' || CASE WHEN length(e.id) <> 16 THEN 'an id of ' || length(e.id) || ' bytes.' WHEN e.schema_version < 1 THEN 'schema version ' || e.schema_version || '.' ELSE 'no type.' END AS problem ` +
      "FROM events e JOIN streams s ON s.id = e.stream_id WHERE length(e.id) <> 16 OR e.schema_version < 1 OR trim(e.type) = ''",
  },
  {
    name: "json",
    since: 1,
    breaches:
      `SELECT ${PLACE} || 'has ' || CASE WHEN json_valid(e.metadata) THEN 'data' ELSE 'metadata' END || ' that is not JSON.' AS problem ` +
      "FROM (SELECT * FROM events ORDER BY position DESC LIMIT (SELECT json FROM here)) e JOIN streams s ON s.id = e.stream_id " +
      "WHERE NOT json_valid(e.metadata) OR (e.content_type IS NULL AND NOT json_valid(CAST(e.data AS TEXT)))",
  },
  {
    name: "snapshots",
    since: SINCE.progress,
    breaches:
      "SELECT 'The snapshot of ' || s.name || ' is of version ' || n.version || ', but the stream ends at ' || max(known, last) || '.' AS problem " +
      "FROM snapshots n JOIN lives s ON s.name = n.name WHERE n.version > max(known, last)",
  },
  {
    name: "checkpoints",
    since: SINCE.progress,
    breaches: `SELECT 'Checkpoint ' || name || ' is at position ' || position || ', but ' || ${AHEAD} AS problem FROM checkpoints, here WHERE position > head`,
  },
  {
    name: "groups",
    since: SINCE.groups,
    breaches:
      `SELECT 'Consumer group ' || name || ' goes on at position ' || next || ', but ' || ${AHEAD} AS problem FROM consumer_groups, here WHERE next > head + 1 ` +
      "UNION ALL SELECT 'Consumer group ' || ifnull(g.name, 'number ' || n.group_id) || ' holds event ' || n.position || ', and there is no such ' || CASE WHEN g.id IS NULL THEN 'group.' ELSE 'event.' END " +
      "FROM group_entries n LEFT JOIN consumer_groups g ON g.id = n.group_id LEFT JOIN events e ON e.position = n.position WHERE g.id IS NULL OR e.position IS NULL",
  },
  {
    name: "copies",
    since: 8,
    breaches:
      "SELECT 'The store is a copy that was not finished: run the copy again, or remove it.' AS problem " +
      "FROM log WHERE copy IS NOT NULL AND CASE WHEN json_valid(copy) THEN copy ->> 'isLevel' END IS NOT 1",
  },
];
