import type { Names } from "./names.ts";
import { lockLog, noteEventBytes } from "./parts.ts";

/**
 * `write` for one append of one event, without its lists: what one caller who waits for each append pays for. Where it cannot decide, because the event may be
 * recorded already or the store is a copy, it says `other`, and nothing was done.
 */
export function appendFunction(names: Names): string {
  const { of } = names;
  return `
CREATE FUNCTION ${of("append")}(
  p_stream text, p_expected bigint, p_id uuid, p_type text, p_schema_version bigint, p_content_type text, p_metadata text,
  p_data text, p_bytes bytea, p_channel text, p_origin text
) RETURNS text LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $body$
DECLARE
  v_position bigint;
  v_time bigint;
  v_log record;
  v_bytes bigint := octet_length(p_metadata) + coalesce(octet_length(p_bytes), octet_length(p_data));
  v_last bigint;
  v_actual bigint;
  v_stream record;
BEGIN
  ${lockLog(names)}
  -- Several small statements cost less than one that joins.
  SELECT head_position, head_time, copy, partitions_end, max_event_bytes INTO v_log FROM ${of("log")} WHERE one;
  PERFORM 1 FROM ${of("events")} e WHERE e.id = p_id AND e.stream = p_stream COLLATE "C";
  IF FOUND OR v_log.copy IS NOT NULL THEN
    RETURN 'other';
  END IF;
  SELECT e.version INTO v_last FROM ${of("events")} e WHERE e.stream = p_stream COLLATE "C" ORDER BY e.version DESC LIMIT 1;
  SELECT known_version, deleted_before, is_tombstoned INTO v_stream FROM ${of("streams")} WHERE name = p_stream COLLATE "C";
  v_last := greatest(v_last, v_stream.known_version, -1);
  v_actual := CASE WHEN v_last < v_stream.deleted_before THEN -1 ELSE v_last END;
  IF v_stream.is_tombstoned THEN RETURN 'stream-tombstoned'; END IF;
  IF p_expected <> v_actual AND p_expected <> -2 AND NOT (p_expected = -3 AND v_actual >= 0) THEN
    RETURN 'wrong-expected-version ' || v_actual;
  END IF;
  SELECT e.position, e.time INTO v_position, v_time FROM ${of("events")} e ORDER BY e.position DESC LIMIT 1;
  v_position := greatest(v_position, v_log.head_position) + 1;
  IF v_position >= v_log.partitions_end THEN PERFORM ${of("add_partitions")}(v_position); END IF;
  ${noteEventBytes(of, "v_bytes", "v_log.max_event_bytes")}
  INSERT INTO ${of("events")} (position, version, time, schema_version, id, stream, category, type, content_type, metadata, data, bytes)
    VALUES (v_position, v_last + 1, greatest(v_time, v_log.head_time, (extract(epoch FROM clock_timestamp()) * 1000)::bigint), p_schema_version,
      p_id, p_stream, split_part(p_stream, '-', 1), p_type, p_content_type, p_metadata, p_data, p_bytes);
  IF p_channel IS NOT NULL THEN PERFORM pg_notify(p_channel, p_origin); END IF;
  RETURN 'written ' || v_last + 1 || ' ' || v_position;
END
$body$;
`;
}
