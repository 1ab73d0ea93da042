import { EntryState } from "@reactive-domain/persistence/adapter";
import type { Names } from "./names.ts";
import { NOW_MS } from "./parts.ts";

const { behind, claimed } = EntryState;

/**
 * Settles deliveries, as far as they are held; tells whether any was. Entries are looked up one by one, by their index: a join would be planned for as many as the group had when
 * it was last looked at. What is done with goes at once; keys behind which somebody waits are few.
 */
export function settleFunction({ of }: Names): string {
  const entries = of("group_entries");
  return `
CREATE FUNCTION ${of("settle")}(p_group text, p_deliveries json)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_group bigint;
  v_definition json;
  v_now bigint := ${NOW_MS};
  v_done tid[];
  v_keys text[];
  v_entries json;
  v_entry record;
BEGIN
  SELECT id, definition INTO v_group, v_definition FROM ${of("consumer_groups")} WHERE name = p_group COLLATE "C";
  SELECT array_agg(s.place) FILTER (WHERE s.is_done), array_agg(s.key) FILTER (WHERE s.is_done AND s.key IS NOT NULL),
      json_agg(json_build_object('position', s.position, 'outcome', s.outcome, 'error', s.error, 'delayMs', s."delayMs", 'key', s.key,
        'attempts', s.attempts)) FILTER (WHERE NOT s.is_done)
    INTO v_done, v_keys, v_entries FROM (
      SELECT d.position, d.outcome, d.error, d."delayMs", e.key, e.attempts, e.place, d.outcome IN ('acknowledge', 'skip') AS is_done
        FROM json_to_recordset(p_deliveries) d (position bigint, fence bigint, outcome text, error text, "delayMs" bigint)
        JOIN LATERAL (SELECT ctid AS place, key, attempts, state, fence FROM ${entries}
          WHERE group_id = v_group AND position = d.position LIMIT 1) e ON e.state = ${claimed} AND e.fence = d.fence) s;
  IF v_done IS NULL AND v_entries IS NULL THEN RETURN false; END IF;
  IF v_done IS NOT NULL THEN
    DELETE FROM ${entries} WHERE ctid = ANY (v_done);
  END IF;
  IF v_entries IS NOT NULL THEN
    ${keep(of)}
  END IF;
  IF v_keys IS NOT NULL THEN
    PERFORM ${of("let_first_go")}(v_group, NULL, e.position, v_now)
      FROM (SELECT DISTINCT key FROM unnest(v_keys) u (key)) k
      JOIN LATERAL (SELECT position, state FROM ${entries}
        WHERE group_id = v_group AND key = k.key COLLATE "C" AND in_line ORDER BY position LIMIT 1) e ON e.state = ${behind};
  END IF;
  RETURN true;
END
$body$;
`;
}

/** What comes again, or is parked. */
function keep(of: Names["of"]): string {
  return `FOR v_entry IN
      SELECT * FROM json_to_recordset(v_entries) AS e (position bigint, outcome text, error text, "delayMs" bigint, attempts int)
    LOOP
      IF v_entry.outcome = 'release' THEN
        PERFORM ${of("wait_entry")}(v_group, v_entry.position, v_entry.attempts - 1, v_now, false);
      ELSIF v_entry.outcome = 'park' OR v_entry.attempts >= (v_definition ->> 'maxAttempts')::bigint THEN
        PERFORM ${of("park_entry")}(v_group, v_definition, v_entry.position, coalesce(v_entry.error, ''), v_now);
      ELSE
        PERFORM ${of("wait_entry")}(v_group, v_entry.position, v_entry.attempts, least(${Number.MAX_SAFE_INTEGER}, v_now + coalesce(v_entry."delayMs",
          least((v_definition ->> 'retryDelayMs')::float8 * power(2, least(v_entry.attempts - 1, 52)),
            (v_definition ->> 'maxRetryDelayMs')::float8)::bigint)), false);
      END IF;
    END LOOP;
    PERFORM ${of("release_behind")}(v_group, e.key, e.position, v_now)
      FROM json_to_recordset(v_entries) AS e (position bigint, key text);
    PERFORM ${of("let_first_go")}(v_group, e.key, e.position, v_now)
      FROM json_to_recordset(v_entries) AS e (position bigint, key text);`;
}
