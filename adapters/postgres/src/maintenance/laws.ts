import { EntryState } from "@reactive-domain/persistence/adapter";
import { EVENT_BYTES, headOf } from "../schema/parts.ts";
import type { Names } from "../schema/names.ts";

/** Something that holds in every sound store, as a query for what breaks it. */
export interface Law {
  readonly name: string;
  /**
   * Selects one `problem` for each breach. The table `here` has the `head` of the log, -1 for none. `lives` has the streams with their `known` and `last` versions,
   * -1 for none; of their events the `first` version and how many are `held`; and what their row says.
   */
  readonly breaches: string;
}

const STREAM = "'Stream ' || s.name || ' '";
const LOG_END = "CASE head WHEN -1 THEN 'before its first event' ELSE 'at position ' || head END";
const PLACE = "'Event ' || e.position || ' of stream ' || e.stream || ' '";
const AHEAD = `'the log ends ' || ${LOG_END} || '. It was moved on another log, or on this one before a backup was restored: set it back, and let who follows handle again what it leads to.'`;

/** What the queries of the laws begin with. */
export function lawTables({ of }: Names): string {
  return `WITH here AS (SELECT coalesce(${headOf(of)}, -1) AS head),
    ends AS (SELECT stream AS name, min(version) AS first, max(version) AS last, count(*) AS held FROM ${of("events")} GROUP BY stream),
    lives AS (SELECT name, coalesce(r.known_version, -1) AS known, coalesce(ends.last, -1) AS last, ends.first, coalesce(ends.held, 0) AS held,
      coalesce(r.deleted_before, 0) AS deleted_before FROM ends FULL JOIN ${of("streams")} r USING (name))`;
}

/**
 * The laws of the log and of what is kept beside it. A scavenge removes the first events of a stream, in their order, and notes up to which: what it leaves are the
 * events behind that, without a hole between them, or none.
 */
export function lawsOf(names: Names): readonly Law[] {
  return [...streamLaws(), ...eventLaws(names), ...progressLaws(names)];
}

function streamLaws(): readonly Law[] {
  return [
    {
      name: "stream-versions",
      breaches: `SELECT ${STREAM} || 'holds ' || held || ' events between versions ' || first || ' and ' || last || ': some are missing.' AS problem
        FROM lives s WHERE held > 0 AND (held <> last - first + 1 OR first < 0)`,
    },
    {
      name: "stream-last-version",
      breaches: `SELECT ${STREAM} || 'had version ' || known || ', but its last event has ' || last || '.' AS problem
        FROM lives s WHERE last BETWEEN 0 AND known - 1`,
    },
    {
      name: "stream-beginnings",
      breaches: `SELECT ${STREAM} || 'begins with version ' || first || ', but its events were removed '
          || CASE known WHEN -1 THEN 'never' ELSE 'up to version ' || known END || '.' AS problem
        FROM lives s WHERE first > known + 1`,
    },
    {
      name: "stream-states",
      breaches: `SELECT ${STREAM} || CASE WHEN known < -1 THEN 'is known up to version ' || known ELSE 'is deleted before version ' || deleted_before END
          || ', but ends at ' || greatest(known, last) || '.' AS problem
        FROM lives s WHERE known < -1 OR deleted_before < 0 OR deleted_before > greatest(known, last) + 1`,
    },
  ];
}

function eventLaws({ of }: Names): readonly Law[] {
  return [
    {
      name: "positions",
      breaches: `SELECT 'The log ends at position ' || head || ', but its streams have ' || given || ' versions, and each must have a position.' AS problem
        FROM here, (SELECT coalesce(sum(greatest(known, last) + 1), 0) AS given FROM lives) g WHERE given <> head + 1
        UNION ALL SELECT 'Event ' || position || ' has a position below 0.' FROM ${of("events")} WHERE position < 0`,
    },
    {
      name: "stream-order",
      breaches: `SELECT ${PLACE} || 'has version ' || version || ', but stands before version ' || version_before || '.' AS problem
        FROM (SELECT stream, position, version, lag(position) OVER w AS position_before, lag(version) OVER w AS version_before
          FROM ${of("events")} WINDOW w AS (PARTITION BY stream ORDER BY version)) e WHERE position_before > position`,
    },
    {
      name: "times",
      breaches: `SELECT ${PLACE} || 'is older than the event before it.' AS problem
        FROM (SELECT stream, position, time, lag(time) OVER (ORDER BY position) AS time_before FROM ${of("events")}) e WHERE time < time_before`,
    },
    {
      name: "categories",
      breaches: `SELECT ${PLACE} || 'is filed under category ' || e.category || '.' AS problem
        FROM ${of("events")} e WHERE e.category <> split_part(e.stream, '-', 1)`,
    },
    {
      name: "event-fields",
      breaches: `SELECT ${PLACE} || 'has ' || CASE WHEN e.schema_version < 1 THEN 'schema version ' || e.schema_version
          WHEN e.data IS NULL AND e.bytes IS NULL THEN 'no data' ELSE 'no type' END || '.' AS problem
        FROM ${of("events")} e WHERE e.schema_version < 1 OR e.data IS NULL AND e.bytes IS NULL OR btrim(e.type) = ''`,
    },
    {
      name: "event-sizes",
      breaches: `SELECT ${PLACE} || 'has ' || size || ' bytes, but the log has noted that none has more than ' || max_event_bytes || '.' AS problem
        FROM (SELECT position, stream, ${EVENT_BYTES} AS size FROM ${of("events")}) e, ${of("log")} WHERE size > max_event_bytes`,
    },
    {
      name: "event-ids",
      breaches: `SELECT 'Stream ' || stream || ' has the event ' || id || ' ' || count(*) || ' times, last at position ' || max(position) || '.' AS problem
        FROM ${of("events")} GROUP BY id, stream HAVING count(*) > 1`,
    },
  ];
}

function progressLaws({ of }: Names): readonly Law[] {
  return [
    {
      name: "snapshots",
      breaches: `SELECT 'The snapshot of ' || s.name || ' is of version ' || n.version || ', but the stream ends at ' || greatest(known, last) || '.' AS problem
        FROM ${of("snapshots")} n JOIN lives s ON s.name = n.name WHERE n.version > greatest(known, last)`,
    },
    {
      name: "checkpoints",
      breaches: `SELECT 'Checkpoint ' || name || ' is at position ' || position || ', but ' || ${AHEAD} AS problem
        FROM ${of("checkpoints")}, here WHERE position > head`,
    },
    {
      name: "groups",
      breaches: `SELECT 'Consumer group ' || name || ' goes on at position ' || next || ', but ' || ${AHEAD} AS problem
        FROM ${of("consumer_groups")}, here WHERE next > head + 1
        UNION ALL SELECT 'Consumer group ' || coalesce(g.name, 'number ' || n.group_id) || ' holds event ' || n.position || ', and there is no such '
          || CASE WHEN g.id IS NULL THEN 'group.' ELSE 'event.' END
        FROM ${of("group_entries")} n LEFT JOIN ${of("consumer_groups")} g ON g.id = n.group_id LEFT JOIN ${of("events")} e ON e.position = n.position
        WHERE g.id IS NULL OR e.position IS NULL`,
    },
    {
      name: "fences",
      breaches: `SELECT 'Event ' || n.position || ' is held under token ' || n.fence || ', but the last that was given is ' || f.last || '.' AS problem
        FROM ${of("group_entries")} n, (SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM ${of("fences")}) f
        WHERE n.state = ${EntryState.claimed} AND n.fence > f.last`,
    },
    {
      name: "copies",
      breaches: `SELECT 'The store is a copy that was not finished: run the copy again, or remove it.' AS problem
        FROM ${of("log")} WHERE copy IS NOT NULL AND (copy::json ->> 'isLevel') IS DISTINCT FROM 'true'`,
    },
  ];
}
