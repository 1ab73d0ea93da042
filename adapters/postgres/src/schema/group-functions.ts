import { EntryState } from "@reactive-domain/persistence/adapter";
import { claimFunction } from "./claim-function.ts";
import type { Names } from "./names.ts";
import { FLUSHED, headOf, NOW_MS, PINNED } from "./parts.ts";
import { takeFromLogFunction } from "./take-from-log-function.ts";
import { TAKES_EACH } from "./taking.ts";

const { claimed, parked } = EntryState;

/** The calls about consumer groups. All but looks begin with the row of the group, which they hold to the end of their transaction. */
export function groupFunctions(names: Names): string {
  return [
    guard(names),
    createGroup(names),
    deleteGroup(names),
    takeFromLogFunction(names),
    claimFunction(names, TAKES_EACH),
    extend(names),
    replay(names),
  ].join("");
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
