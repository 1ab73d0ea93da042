import { EntryState } from "../groups/entry-state.ts";
import { NOW_MS } from "./line-functions.ts";
import type { Names } from "./names.ts";
import { FLUSHED, PINNED } from "./pinned.ts";

const { ready, suspect, delayed, behind, claimed, parked } = EntryState;

/** How many events of the log a claim looks at in vain. */
const MAX_LOOKS = 10_000;

/** The calls about consumer groups. All but looks begin with the row of the group, which they hold to the end of their transaction. */
export function groupFunctions(names: Names): string {
  return [guard(names), createGroup(names), deleteGroup(names), takeFromLog(names), claim(names), extend(names), replay(names)].join("");
}

/** Refuses changes while a copy is under way; the first behind a copy that is level makes it a store like others. What comes of it is durable. */
function guard({ of }: Names): string {
  return `
CREATE FUNCTION ${of("guard")}() RETURNS void LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_copy text := (SELECT copy FROM ${of("log")} WHERE one);
BEGIN
  ${FLUSHED}
  IF v_copy IS NULL THEN RETURN; END IF;
  IF NOT (v_copy::json ->> 'isLevel')::boolean THEN RAISE EXCEPTION 'copy under way' USING ERRCODE = 'RDC01'; END IF;
  UPDATE ${of("log")} SET copy = NULL WHERE one;
END
$body$;
`;
}

/** Tells the definition that the group has now, the position of the last event, and whether the group is new. It is not made behind the end of the log. */
function createGroup({ of }: Names): string {
  return `
CREATE FUNCTION ${of("create_group")}(p_name text, p_definition text, p_from bigint,
  OUT definition text, OUT head bigint, OUT is_new boolean)
LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
BEGIN
  is_new := false;
  head := ${headOf(of)};
  SELECT g.definition INTO definition FROM ${of("consumer_groups")} g WHERE g.name = p_name COLLATE "C";
  IF FOUND OR p_from > head + 1 THEN RETURN; END IF;
  PERFORM ${of("guard")}();
  INSERT INTO ${of("consumer_groups")} AS g (name, definition, next) VALUES (p_name, p_definition, coalesce(p_from, head + 1))
    ON CONFLICT DO NOTHING;
  is_new := FOUND;
  SELECT g.definition INTO definition FROM ${of("consumer_groups")} g WHERE g.name = p_name COLLATE "C";
END
$body$;
`;
}

function deleteGroup({ of }: Names): string {
  return `
CREATE FUNCTION ${of("delete_group")}(p_name text, p_channel text, p_origin text) RETURNS boolean LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  v_group bigint;
BEGIN
  SELECT id INTO v_group FROM ${of("consumer_groups")} WHERE name = p_name COLLATE "C" FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM ${of("guard")}();
  DELETE FROM ${of("group_entries")} WHERE group_id = v_group;
  DELETE FROM ${of("consumer_groups")} WHERE id = v_group;
  IF p_channel IS NOT NULL THEN PERFORM pg_notify(p_channel, p_origin); END IF;
  RETURN true;
END
$body$;
`;
}

/**
 * The events of a group's source behind a position, at most `p_limit`, each with its key; `looked_to` is the last position that was looked at when there are
 * fewer. The statement is planned for what is asked, each time.
 */
function takeFromLog({ of }: Names): string {
  return `
CREATE FUNCTION ${of("take_from_log")}(p_definition json, p_next bigint, p_head bigint, p_limit bigint,
  OUT places bigint[], OUT keys text[], OUT looked_to bigint)
LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_source json := p_definition -> 'source';
  v_filter json := p_definition -> 'filter';
  v_order text := p_definition ->> 'orderBy';
  v_stream text := v_source ->> 'stream';
  v_low bigint := p_next;
  v_high bigint := p_head;
  v_next bigint;
  v_ends record;
BEGIN
  looked_to := p_head;
  IF v_stream IS NOT NULL THEN
    SELECT * INTO v_ends FROM ${of("stream_ends")}(v_stream, NULL);
    IF NOT FOUND THEN RETURN; END IF;
    SELECT version INTO v_low FROM ${of("events")}
      WHERE stream = v_stream COLLATE "C" AND version >= ${of("first_version_at")}(v_stream, v_ends.first_shown, v_ends.last_version + 1, p_next)
      ORDER BY version LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    v_high := v_ends.last_version;
  END IF;
  IF v_filter IS NOT NULL AND v_high >= v_low + ${MAX_LOOKS} THEN
    v_high := v_low + ${MAX_LOOKS - 1};
    looked_to := v_high;
    IF v_stream IS NOT NULL THEN
      SELECT position - 1 INTO looked_to FROM ${of("events")} WHERE stream = v_stream COLLATE "C" AND version > v_high ORDER BY version LIMIT 1;
    END IF;
  END IF;
  EXECUTE 'SELECT array_agg(position), array_agg(key) FROM (SELECT position, '
    || CASE v_order WHEN 'none' THEN 'NULL::text' WHEN 'stream' THEN 'stream'
       ELSE 'coalesce(${of("correlation_of")}(metadata), id::text)' END
    || ' AS key FROM ${of("events")} WHERE '
    || CASE WHEN v_stream IS NOT NULL THEN 'stream = $4 COLLATE "C" AND version'
       WHEN v_source ->> 'category' IS NOT NULL THEN 'category = $4 COLLATE "C" AND position'
       WHEN v_source ->> 'eventType' IS NOT NULL THEN 'type = $4 COLLATE "C" AND position'
       ELSE 'position' END
    || ' BETWEEN $1 AND $2'
    || CASE WHEN v_filter -> 'types' IS NULL THEN '' ELSE ' AND type IN (SELECT value COLLATE "C" FROM json_array_elements_text($5 -> ''types''))' END
    || CASE WHEN v_filter -> 'categories' IS NULL THEN ''
       ELSE ' AND category IN (SELECT value COLLATE "C" FROM json_array_elements_text($5 -> ''categories''))' END
    || CASE WHEN v_filter -> 'streamPrefix' IS NULL THEN '' ELSE ' AND starts_with(stream, $5 ->> ''streamPrefix'')' END
    || CASE WHEN v_filter -> 'correlationId' IS NULL THEN ''
       ELSE ' AND ${of("correlation_of")}(metadata) = $5 ->> ''correlationId''' END
    || ' ORDER BY ' || CASE WHEN v_stream IS NULL THEN 'position' ELSE 'version' END || ' LIMIT $3) e'
    INTO places, keys
    USING v_low, v_high, p_limit, coalesce(v_stream, v_source ->> 'category', v_source ->> 'eventType'), v_filter;
END
$body$;
`;
}

/** One row for each delivery, in the order of the log; or one without a position, that tells in how many milliseconds to come again. */
function claim({ of }: Names): string {
  const entries = of("group_entries");
  return `
CREATE FUNCTION ${of("claim")}(p_name text, p_consumer text, p_max bigint, p_lease bigint)
RETURNS TABLE (again_in bigint, attempt int, fence bigint, until bigint, ${EVENT_COLUMNS_OUT})
LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  v_group bigint;
  v_definition json;
  v_next bigint;
  v_start bigint;
  v_head bigint;
  v_now bigint := ${NOW_MS};
  v_held bigint;
  v_trials bigint;
  v_fence bigint;
  v_until bigint;
  v_wanted bigint;
  v_room bigint;
  v_limit bigint;
  v_count bigint := 0;
  v_looks bigint := 0;
  v_suspect bigint;
  v_ready bigint;
  v_candidate bigint;
  v_candidates bigint[] := '{}';
  v_key text;
  v_entry record;
  v_taken record;
  v_is_free boolean;
BEGIN
  PERFORM ${of("guard")}();
  SELECT id, g.definition, next INTO v_group, v_definition, v_next FROM ${of("consumer_groups")} g
    WHERE name = p_name COLLATE "C" FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no such group' USING ERRCODE = 'RDG01'; END IF;
  v_start := v_next;
  v_head := ${headOf(of)};
  PERFORM ${of("end_leases")}(v_group, v_definition, v_now);
  UPDATE ${entries} SET state = ${ready}, at = 0 WHERE group_id = v_group AND state = ${delayed} AND at <= v_now;
  SELECT count(*), count(*) FILTER (WHERE is_suspect) INTO v_held, v_trials FROM ${entries}
    WHERE group_id = v_group AND consumer = p_consumer COLLATE "C";
  -- Who has a suspect gets nothing beside it.
  IF v_trials = 0 THEN
    v_fence := nextval('${of("fences")}');
    v_until := v_now + p_lease;
    SELECT e.position INTO v_ready FROM ${entries} e WHERE group_id = v_group AND state = ${ready} AND at = 0 ORDER BY e.position LIMIT 1;
    IF v_held = 0 THEN
      SELECT e.position INTO v_suspect FROM ${entries} e WHERE group_id = v_group AND state = ${suspect} AND at = 0 ORDER BY e.position LIMIT 1;
    END IF;
    IF v_suspect IS NOT NULL AND (v_ready IS NULL OR v_suspect < v_ready) THEN
      ${claimOne(of, "v_suspect")}
      v_count := 1;
    ELSE
      -- Those that are ready, and behind each chosen one the next of its key, in the order of the log.
      WHILE v_count < p_max LOOP
        SELECT min(c) INTO v_candidate FROM unnest(v_candidates) c;
        v_candidate := least(v_candidate, v_ready);
        EXIT WHEN v_candidate IS NULL;
        v_candidates := array_remove(v_candidates, v_candidate);
        ${claimOne(of, "v_candidate")}
        v_count := v_count + 1;
        IF v_candidate = v_ready THEN
          SELECT e.position INTO v_ready FROM ${entries} e
            WHERE group_id = v_group AND state = ${ready} AND at = 0 AND e.position > v_candidate ORDER BY e.position LIMIT 1;
        END IF;
        SELECT key INTO v_key FROM ${entries} e WHERE group_id = v_group AND e.position = v_candidate;
        CONTINUE WHEN v_key IS NULL;
        SELECT e.position, state, is_suspect, due INTO v_entry FROM ${entries} e
          WHERE group_id = v_group AND key = v_key COLLATE "C" AND in_line AND e.position > v_candidate ORDER BY e.position LIMIT 1;
        IF v_entry.state = ${behind} AND NOT v_entry.is_suspect AND v_entry.due <= v_now THEN
          v_candidates := v_candidates || v_entry.position;
        END IF;
      END LOOP;
      -- Then from the log, as long as the group has room.
      v_wanted := p_max - v_count;
      IF v_wanted > 0 AND v_next <= v_head THEN
        SELECT (v_definition ->> 'maxUnsettled')::bigint - count(*) INTO v_room FROM ${entries} WHERE group_id = v_group AND state < ${parked};
        WHILE v_wanted > 0 AND v_room > 0 AND v_next <= v_head AND v_looks < ${MAX_LOOKS} LOOP
          v_limit := least(v_wanted, v_room);
          SELECT * INTO v_taken FROM ${of("take_from_log")}(v_definition, v_next, v_head, v_limit);
          FOR i IN 1 .. coalesce(cardinality(v_taken.places), 0) LOOP
            v_key := v_taken.keys[i];
            v_is_free := true;
            IF v_key IS NOT NULL THEN
              -- Whether nothing of the key is left that was not chosen: what is last in line tells.
              SELECT e.state = ${claimed} AND e.fence = v_fence INTO v_is_free FROM ${entries} e
                WHERE group_id = v_group AND key = v_key COLLATE "C" AND in_line ORDER BY e.position DESC LIMIT 1;
              IF NOT FOUND THEN v_is_free := true; END IF;
            END IF;
            INSERT INTO ${entries} AS e (group_id, position, key, in_line, state, at, due, attempts, is_suspect, is_alone, consumer, fence)
              VALUES (v_group, v_taken.places[i], v_key, v_key IS NOT NULL,
                CASE WHEN v_is_free THEN ${claimed} ELSE ${behind} END, CASE WHEN v_is_free THEN v_until ELSE 0 END, v_now,
                CASE WHEN v_is_free THEN 1 ELSE 0 END, false, CASE WHEN v_is_free THEN false END,
                CASE WHEN v_is_free THEN p_consumer END, CASE WHEN v_is_free THEN v_fence END);
            IF v_is_free THEN
              v_wanted := v_wanted - 1;
              v_count := v_count + 1;
            END IF;
            v_looks := v_looks + 1;
            v_room := v_room - 1;
          END LOOP;
          IF coalesce(cardinality(v_taken.places), 0) = v_limit THEN
            v_next := v_taken.places[v_limit] + 1;
          ELSE
            v_next := v_taken.looked_to + 1;
            EXIT;
          END IF;
        END LOOP;
        IF v_next <> v_start THEN UPDATE ${of("consumer_groups")} SET next = v_next WHERE id = v_group; END IF;
      END IF;
    END IF;
  END IF;
  IF v_count = 0 THEN
    IF v_trials = 0 AND v_next <= v_head AND
      (SELECT count(*) FROM ${entries} WHERE group_id = v_group AND state < ${parked}) < (v_definition ->> 'maxUnsettled')::bigint THEN
      again_in := 0;
    ELSE
      SELECT CASE WHEN min(at) < v_now THEN 0 ELSE min(at) - v_now END INTO again_in FROM (
        (SELECT at FROM ${entries} WHERE group_id = v_group AND state = ${delayed} ORDER BY at LIMIT 1) UNION ALL
        (SELECT at FROM ${entries} WHERE group_id = v_group AND state = ${claimed} ORDER BY at LIMIT 1)) t;
    END IF;
    RETURN NEXT;
    RETURN;
  END IF;
  IF v_held > 0 THEN
    UPDATE ${entries} SET is_alone = false WHERE group_id = v_group AND consumer = p_consumer COLLATE "C";
  ELSIF v_count = 1 THEN
    UPDATE ${entries} e SET is_alone = true WHERE group_id = v_group AND consumer = p_consumer COLLATE "C" AND e.fence = v_fence;
  END IF;
  RETURN QUERY SELECT NULL::bigint, c.attempts, v_fence, v_until, ${EVENT_COLUMNS_OF_E}
    FROM ${entries} c JOIN ${of("events")} e ON e.position = c.position
    WHERE c.group_id = v_group AND c.consumer = p_consumer COLLATE "C" AND c.fence = v_fence ORDER BY c.position;
END
$body$;
`;
}

function claimOne(of: Names["of"], place: string): string {
  return `UPDATE ${of("group_entries")} e SET state = ${claimed}, attempts = attempts + 1, at = v_until, consumer = p_consumer, fence = v_fence, is_alone = false
        WHERE group_id = v_group AND e.position = ${place};`;
}

/** Holds on to deliveries, all or none; tells the first that is lost. */
function extend({ of }: Names): string {
  return `
CREATE FUNCTION ${of("extend_deliveries")}(p_name text, p_deliveries json, p_lease bigint, OUT lost_position bigint, OUT lost_fence bigint)
LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  v_group bigint;
  v_position bigint;
  v_until bigint;
BEGIN
  PERFORM ${of("guard")}();
  SELECT id INTO v_group FROM ${of("consumer_groups")} WHERE name = p_name COLLATE "C" FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no such group' USING ERRCODE = 'RDG01'; END IF;
  v_until := ${NOW_MS} + p_lease;
  SELECT d.position, d.fence INTO lost_position, lost_fence FROM json_to_recordset(p_deliveries) d (position bigint, fence bigint)
    LEFT JOIN LATERAL (SELECT state, fence FROM ${of("group_entries")} WHERE group_id = v_group AND position = d.position LIMIT 1) e ON true
    WHERE e.state IS DISTINCT FROM ${claimed} OR e.fence IS DISTINCT FROM d.fence LIMIT 1;
  IF FOUND THEN RETURN; END IF;
  FOR v_position IN SELECT d.position FROM json_to_recordset(p_deliveries) d (position bigint) LOOP
    UPDATE ${of("group_entries")} SET at = greatest(at, v_until) WHERE group_id = v_group AND position = v_position;
  END LOOP;
END
$body$;
`;
}

/** Has parked entries delivered again, with their attempts counted anew; tells how many. */
function replay({ of }: Names): string {
  return `
CREATE FUNCTION ${of("replay_parked")}(p_name text, p_positions bigint[], p_error text, p_limit bigint, p_channel text, p_origin text)
RETURNS bigint LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  v_group bigint;
  v_entries json;
  v_now bigint := ${NOW_MS};
BEGIN
  SELECT id INTO v_group FROM ${of("consumer_groups")} WHERE name = p_name COLLATE "C" FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no such group' USING ERRCODE = 'RDG01'; END IF;
  PERFORM ${of("guard")}();
  IF p_positions IS NULL THEN
    SELECT json_agg(e) INTO v_entries FROM (SELECT position, key FROM ${of("group_entries")}
      WHERE group_id = v_group AND state = ${parked} AND at = 0 AND strpos(error, p_error) > 0 ORDER BY position LIMIT p_limit) e;
  ELSE
    SELECT json_agg(e) INTO v_entries FROM (SELECT n.position, n.key FROM (SELECT DISTINCT unnest(p_positions) AS position) u
      JOIN LATERAL (SELECT position, key, error, state FROM ${of("group_entries")} WHERE group_id = v_group AND position = u.position LIMIT 1) n ON true
      WHERE n.state = ${parked} AND strpos(n.error, p_error) > 0 ORDER BY n.position LIMIT p_limit) e;
  END IF;
  IF v_entries IS NULL THEN RETURN 0; END IF;
  PERFORM ${of("wait_entry")}(v_group, e.position, 0, v_now, false) FROM json_to_recordset(v_entries) AS e (position bigint);
  PERFORM ${of("release_behind")}(v_group, e.key, e.position, v_now) FROM json_to_recordset(v_entries) AS e (position bigint, key text);
  PERFORM ${of("let_first_go")}(v_group, e.key, e.position, v_now) FROM json_to_recordset(v_entries) AS e (position bigint, key text);
  IF p_channel IS NOT NULL THEN PERFORM pg_notify(p_channel, p_origin); END IF;
  RETURN json_array_length(v_entries);
END
$body$;
`;
}

const EVENT_COLUMNS_OUT =
  '"position" bigint, stream text, version bigint, type text, schema_version bigint, "time" bigint, id text, content_type text, metadata text, data text, bytes text';

const EVENT_COLUMNS_OF_E =
  "e.position, e.stream, e.version, e.type, e.schema_version, e.time, e.id::text, e.content_type, e.metadata, e.data, encode(e.bytes, 'base64')";

/** The position of the last event ever written, or -1, as SQL. */
export function headOf(of: Names["of"]): string {
  return `greatest((SELECT max(h.position) FROM ${of("events")} h), (SELECT head_position FROM ${of("log")} WHERE one))`;
}
