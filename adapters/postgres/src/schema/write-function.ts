import type { Forgetting } from "./forgetting.ts";
import type { Names } from "./names.ts";
import { EVENT_BYTES, lockLog, noteEventBytes, PINNED } from "./parts.ts";

/**
 * Carries out a group of writes in one call: locks the log, finds what it has to know of streams and ids, decides write after write, and inserts the events of all
 * that were accepted behind the end of the log.
 *
 * Appends of all writes stand in arrays `a_…`, in order; events of all appends in arrays `e_…`. A write of one append has null in `p_items`, any other the JSON
 * list of its items. Expected versions below 0: -1 no stream, -2 any, -3 exists. What an accepted append came to stands in `firsts` and `positions`, those of its
 * first event; of any other write `outcomes` tells, as JSON objects that are separated by commas. A group that has an id, `p_group`, is remembered: called again, it
 * is told what it came to.
 *
 * Each statement of a function sees what was committed when it began. The lock comes first, and is held to the end of the transaction: no other writer can change
 * what these statements see.
 */
export function writeFunction(names: Names, { variables, forget }: Forgetting): string {
  const { of } = names;
  return `
CREATE FUNCTION ${of("write")}(
  p_streams text[],
  a_write int[], a_stream int[], a_expected bigint[], a_size int[],
  e_append int[], e_offset int[], e_stream text[], e_type text[], e_schema_version bigint[], e_id uuid[],
  e_content_type text[], e_metadata text[], e_data text[], e_bytes bytea[],
  p_lowest uuid, p_items text[], p_group uuid, p_channel text, p_origin text,
  OUT firsts bigint[], OUT positions bigint[], OUT outcomes text
) LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
${VARIABLES}${variables}
BEGIN
  ${lockLog(names)}
  IF p_group IS NOT NULL THEN
    SELECT r.firsts, r.positions, r.outcomes INTO firsts, positions, outcomes FROM ${of("recent_writes")} r WHERE r.id = p_group;
    IF FOUND THEN RETURN; END IF;
  END IF;
  ${learnLog(of)}
  ${learnStreams(of)}
  ${learnRecorded(of)}
  IF p_items IS NULL AND v_found IS NULL THEN
    ${DECIDE_APPENDS}
  ELSE
    SELECT d.firsts, d.positions, d.outcomes, d.next, d.is_news, d.is_done
      INTO firsts, positions, v_outcomes, v_next, v_is_news, v_is_done
      FROM ${of("decide")}(p_streams, a_write, a_stream, a_expected, a_size, p_items, v_last, v_deleted, v_tombstoned,
        v_found, v_is_run, v_run_version, v_run_position, v_next, v_time, e_append, e_id) d;
  END IF;
  ${insertEvents(of)}
  IF v_copy IS NOT NULL AND v_is_done THEN UPDATE ${of("log")} SET copy = NULL WHERE one; END IF;
  IF v_is_news AND p_channel IS NOT NULL THEN PERFORM pg_notify(p_channel, p_origin); END IF;
  outcomes := ltrim(v_outcomes, ',');
  IF p_group IS NOT NULL THEN
    INSERT INTO ${of("recent_writes")} (id, firsts, positions, outcomes) VALUES (p_group, firsts, positions, outcomes);
    IF random() < ${FORGETTING} THEN ${forget(of)} END IF;
  END IF;
END
$body$;
`;
}

/** How many of the writes forget old ones. */
const FORGETTING = 0.01;

const VARIABLES = `DECLARE
  v_head bigint;
  v_next bigint;
  v_time bigint;
  v_copy text;
  v_partitions_end bigint;
  v_max_event_bytes bigint;
  v_bytes bigint;
  v_last bigint[];
  v_deleted bigint[];
  v_tombstoned boolean[];
  v_found int[];
  v_is_run boolean[];
  v_run_version bigint[];
  v_run_position bigint[];
  v_outcomes text := '';
  v_is_news boolean := false;
  v_is_done boolean := false;
  v_stream int;
  v_actual bigint;
  v_expected bigint;`;

/** Where the log ends, and the time of this commit, which does not go back. A copy that is not whole takes no writes. */
function learnLog(of: Names["of"]): string {
  return `SELECT greatest(coalesce(e.position, -1), l.head_position), greatest(coalesce(e.time, 0), l.head_time), l.copy, l.partitions_end, l.max_event_bytes
    INTO v_head, v_time, v_copy, v_partitions_end, v_max_event_bytes
    FROM ${of("log")} l LEFT JOIN LATERAL (SELECT position, time FROM ${of("events")} ORDER BY position DESC LIMIT 1) e ON true
    WHERE l.one;
  IF v_copy IS NOT NULL AND NOT (v_copy::json ->> 'isLevel')::boolean THEN
    RAISE EXCEPTION 'copy under way' USING ERRCODE = 'RDC01';
  END IF;
  v_next := v_head + 1;
  v_time := greatest(v_time, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);`;
}

function learnStreams(of: Names["of"]): string {
  return `SELECT array_agg(greatest(coalesce(e.version, -1), coalesce(s.known_version, -1)) ORDER BY u.n),
      array_agg(coalesce(s.deleted_before, 0) ORDER BY u.n), array_agg(coalesce(s.is_tombstoned, false) ORDER BY u.n)
    INTO v_last, v_deleted, v_tombstoned
    FROM unnest(p_streams) WITH ORDINALITY u (name, n)
    LEFT JOIN ${of("streams")} s ON s.name = u.name COLLATE "C"
    LEFT JOIN LATERAL
      (SELECT version FROM ${of("events")} WHERE stream = u.name COLLATE "C" ORDER BY version DESC LIMIT 1) e ON true;`;
}

/** Which events are in the log already, append by append. Time-ordered ids grow: those behind all that are in the log need no look. */
function learnRecorded(of: Names["of"]): string {
  return `IF p_lowest <= (SELECT id FROM ${of("events")} ORDER BY id DESC LIMIT 1) THEN
    SELECT array_agg(found ORDER BY append), array_agg(found = size AND first = last ORDER BY append),
        array_agg(last_version ORDER BY append), array_agg(last_position ORDER BY append)
      INTO v_found, v_is_run, v_run_version, v_run_position
      FROM (
        SELECT u.append, count(*) AS size, count(e.position) AS found, min(e.version - u.place) AS first, max(e.version - u.place) AS last,
            max(e.version) AS last_version, max(e.position) AS last_position
          FROM unnest(e_append, e_offset, e_stream, e_id) u (append, place, stream, id)
          LEFT JOIN LATERAL (SELECT version, position FROM ${of("events")} WHERE id = u.id AND stream = u.stream COLLATE "C" LIMIT 1) e ON true
          GROUP BY u.append
      ) f;
    IF 0 = ALL (v_found) THEN v_found := NULL; END IF;
  END IF;`;
}

/** The usual case, each write one append that is new. */
const DECIDE_APPENDS = `FOR v_append IN 1 .. coalesce(cardinality(a_stream), 0) LOOP
      v_stream := a_stream[v_append];
      v_expected := a_expected[v_append];
      v_actual := v_last[v_stream];
      IF v_actual < v_deleted[v_stream] THEN v_actual := -1; END IF;
      IF (v_expected = v_actual OR v_expected = -2 OR v_expected = -3 AND v_actual >= 0) AND NOT v_tombstoned[v_stream] THEN
        firsts[v_append] := v_last[v_stream] + 1;
        positions[v_append] := v_next;
        v_last[v_stream] := v_last[v_stream] + a_size[v_append];
        v_next := v_next + a_size[v_append];
      ELSE
        firsts[v_append] := NULL;
        positions[v_append] := NULL;
        v_outcomes := v_outcomes || CASE WHEN v_tombstoned[v_stream]
          THEN ',{"write":' || a_write[v_append] || ',"code":"stream-tombstoned","item":0}'
          ELSE ',{"write":' || a_write[v_append] || ',"code":"wrong-expected-version","item":0,"actual":' || v_actual || '}' END;
      END IF;
    END LOOP;`;

/** The events of all appends that were accepted, which have a first version. */
function insertEvents(of: Names["of"]): string {
  return `IF v_next > v_head + 1 THEN
    IF v_next > v_partitions_end THEN PERFORM ${of("add_partitions")}(v_next - 1); END IF;
    SELECT max(${EVENT_BYTES}) INTO v_bytes FROM unnest(e_metadata, e_data, e_bytes) e (metadata, data, bytes);
    ${noteEventBytes(of, "v_bytes", "v_max_event_bytes")}
    INSERT INTO ${of("events")}
        (position, version, time, schema_version, id, stream, category, type, content_type, metadata, data, bytes)
      SELECT positions[u.append] + u.place, firsts[u.append] + u.place, v_time, u.schema_version, u.id, u.stream, split_part(u.stream, '-', 1),
          u.type, u.content_type, u.metadata, u.data, u.bytes
        FROM unnest(e_append, e_offset, e_stream, e_type, e_schema_version, e_id, e_content_type, e_metadata, e_data, e_bytes)
          u (append, place, stream, type, schema_version, id, content_type, metadata, data, bytes)
        WHERE firsts[u.append] IS NOT NULL;
    v_is_news := true;
    v_is_done := true;
  END IF;`;
}
