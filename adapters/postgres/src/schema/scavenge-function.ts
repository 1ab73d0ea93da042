import type { Names } from "./names.ts";
import { lockLog, NOW_MS, PINNED } from "./parts.ts";

/** A step is bounded so that other writers have their turn. */
const MAX_STEP_STREAMS = 250;
const MAX_STEP_EVENTS = 1_000;

/** Removes what streams hide behind a stream's name, in the order of names, and tells with which it is done; null when with all. */
export function scavengeFunction(names: Names): string {
  const { of } = names;
  return `
CREATE FUNCTION ${of("scavenge_step")}(p_after text, p_channel text, p_origin text, OUT events bigint, OUT bytes bigint, OUT after text)
LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  v_stream record;
  v_streams int := 0;
  v_room bigint;
  v_removed record;
  v_head bigint;
  v_group bigint;
  v_key text;
  v_now bigint := ${NOW_MS};
BEGIN
  ${lockLog(names)}
  PERFORM ${of("guard")}();
  SELECT max(position) INTO v_head FROM ${of("events")};
  events := 0;
  bytes := 0;
  after := p_after;
  FOR v_stream IN
    SELECT name FROM ${of("streams")} WHERE name > p_after COLLATE "C" AND (deleted_before > 0 OR metadata IS NOT NULL)
      ORDER BY name LIMIT ${MAX_STEP_STREAMS}
  LOOP
    v_streams := v_streams + 1;
    v_room := ${MAX_STEP_EVENTS} - events;
    SELECT count(*) AS events, coalesce(sum(size), 0) AS bytes, max(version) AS last_version, max(position) AS last_position, max(time) AS last_time
      INTO v_removed FROM (
        SELECT version, position, time, octet_length(metadata) + coalesce(octet_length(e.bytes), octet_length(data)) AS size FROM ${of("events")} e
          WHERE stream = v_stream.name AND version < (SELECT first_shown FROM ${of("stream_ends")}(v_stream.name, v_now))
          ORDER BY version LIMIT v_room) r;
    ${removeHidden(of)}
    IF v_removed.events = v_room THEN
      IF p_channel IS NOT NULL THEN PERFORM pg_notify(p_channel, p_origin); END IF;
      RETURN;
    END IF;
    after := v_stream.name;
  END LOOP;
  IF v_streams < ${MAX_STEP_STREAMS} THEN after := NULL; END IF;
  IF events > 0 AND p_channel IS NOT NULL THEN PERFORM pg_notify(p_channel, p_origin); END IF;
END
$body$;
`;
}

/** Removes the events of a stream that were counted, with what groups have of them. */
function removeHidden(of: Names["of"]): string {
  return `IF v_removed.events > 0 THEN
      events := events + v_removed.events;
      bytes := bytes + v_removed.bytes;
      UPDATE ${of("streams")} SET known_version = greatest(known_version, v_removed.last_version) WHERE name = v_stream.name;
      IF v_removed.last_position = v_head THEN
        UPDATE ${of("log")} SET head_position = v_head, head_time = v_removed.last_time WHERE one;
      END IF;
      FOR v_group IN SELECT id FROM ${of("consumer_groups")} ORDER BY id FOR UPDATE LOOP
        FOR v_key IN
          WITH gone AS (DELETE FROM ${of("group_entries")} WHERE group_id = v_group AND position IN
            (SELECT position FROM ${of("events")} WHERE stream = v_stream.name AND version <= v_removed.last_version) RETURNING key)
          SELECT DISTINCT key FROM gone WHERE key IS NOT NULL
        LOOP
          PERFORM ${of("let_first_go")}(v_group, v_key, NULL, v_now);
        END LOOP;
      END LOOP;
      DELETE FROM ${of("events")} WHERE stream = v_stream.name AND version <= v_removed.last_version;
    END IF;`;
}
