import { EntryState } from "@reactive-domain/persistence/adapter";
import type { Names } from "./names.ts";
import { NOW_MS } from "./parts.ts";

const { ready, suspect, delayed, behind, claimed, parked } = EntryState;
const CLEARED = "is_alone = NULL, consumer = NULL, fence = NULL, error = NULL, parked_at = NULL";

/**
 * What becomes of entries of consumer groups, and what that means for the lines of their keys. Of each key nothing overtakes: an entry holds up those behind it
 * until it goes, and when it comes again, those behind it that are under way come again, too. Callers hold the row of the group.
 */
export function lineFunctions(names: Names): string {
  return [waitEntry(names), parkEntry(names), releaseBehind(names), letFirstGo(names), endLeases(names, ALL_ALONE), settle(names)].join("");
}

/** Has an entry wait at its place in line, until `let_first_go`. */
function waitEntry({ of }: Names): string {
  return `
CREATE FUNCTION ${of("wait_entry")}(p_group bigint, p_position bigint, p_attempts int, p_due bigint, p_is_suspect boolean)
RETURNS void LANGUAGE sql VOLATILE AS $body$
  UPDATE ${of("group_entries")}
    SET state = ${behind}, at = 0, in_line = key IS NOT NULL, ${CLEARED}, attempts = p_attempts, due = p_due, is_suspect = p_is_suspect
    WHERE group_id = p_group AND position = p_position;
$body$;
`;
}

function parkEntry({ of }: Names): string {
  return `
CREATE FUNCTION ${of("park_entry")}(p_group bigint, p_definition json, p_position bigint, p_error text, p_now bigint)
RETURNS void LANGUAGE sql VOLATILE AS $body$
  UPDATE ${of("group_entries")}
    SET state = ${parked}, at = 0, is_alone = NULL, consumer = NULL, fence = NULL, is_suspect = false,
      in_line = key IS NOT NULL AND p_definition ->> 'behindParked' = 'wait', error = p_error, parked_at = p_now
    WHERE group_id = p_group AND position = p_position;
$body$;
`;
}

/** Takes back what is under way, or might be, behind an entry that holds it up. In a line these come one after another. */
function releaseBehind({ of }: Names): string {
  return `
CREATE FUNCTION ${of("release_behind")}(p_group bigint, p_key text, p_position bigint, p_now bigint)
RETURNS void LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_entry record;
BEGIN
  IF p_key IS NULL
    OR NOT EXISTS (SELECT 1 FROM ${of("group_entries")} WHERE group_id = p_group AND position = p_position AND in_line) THEN
    RETURN;
  END IF;
  FOR v_entry IN
    SELECT position, state, attempts FROM ${of("group_entries")}
      WHERE group_id = p_group AND key = p_key COLLATE "C" AND in_line AND position > p_position ORDER BY position
  LOOP
    EXIT WHEN v_entry.state IN (${behind}, ${parked});
    IF v_entry.state = ${claimed} THEN
      PERFORM ${of("wait_entry")}(p_group, v_entry.position, v_entry.attempts - 1, p_now, false);
    ELSE
      UPDATE ${of("group_entries")} SET state = ${behind}, at = 0 WHERE group_id = p_group AND position = v_entry.position;
    END IF;
  END LOOP;
END
$body$;
`;
}

/** Lets the first in line of a key go, or one entry that has no key: it may be delivered when it is due. */
function letFirstGo({ of }: Names): string {
  return `
CREATE FUNCTION ${of("let_first_go")}(p_group bigint, p_key text, p_position bigint, p_now bigint)
RETURNS void LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_position bigint := p_position;
  v_state int;
BEGIN
  IF p_key IS NULL THEN
    SELECT state INTO v_state FROM ${of("group_entries")} WHERE group_id = p_group AND position = p_position;
  ELSE
    SELECT position, state INTO v_position, v_state FROM ${of("group_entries")}
      WHERE group_id = p_group AND key = p_key COLLATE "C" AND in_line ORDER BY position LIMIT 1;
  END IF;
  IF v_state = ${behind} THEN
    UPDATE ${of("group_entries")}
      SET state = CASE WHEN is_suspect THEN ${suspect} WHEN due <= p_now THEN ${ready} ELSE ${delayed} END,
        at = CASE WHEN is_suspect OR due <= p_now THEN 0 ELSE due END
      WHERE group_id = p_group AND position = v_position;
  END IF;
END
$body$;
`;
}

/** What becomes of an entry whose lease has ended, in SQL: whether its attempts count though others were with it, and whether it comes alone. */
interface LossRules {
  readonly isBlamed: string;
  readonly comesAlone: string;
}

const ALL_ALONE: LossRules = { isBlamed: "v_entry.is_alone", comesAlone: "true" };
const IS_TOGETHER = "coalesce(p_definition ->> 'afterLoss', 'alone') = 'together'";
/** As the group says. */
export const AS_DEFINED: LossRules = { isBlamed: `(v_entry.is_alone OR ${IS_TOGETHER})`, comesAlone: `NOT (${IS_TOGETHER})` };

/** Takes entries back whose lease has ended. Their consumer is taken for dead, and the event may have killed it: that is certain only where it was alone. */
export function endLeases({ of }: Names, { isBlamed, comesAlone }: LossRules): string {
  return `
CREATE FUNCTION ${of("end_leases")}(p_group bigint, p_definition json, p_now bigint)
RETURNS void LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_entries json;
  v_entry record;
BEGIN
  SELECT json_agg(e) INTO v_entries FROM (
    SELECT position, key, attempts, consumer, is_alone FROM ${of("group_entries")}
      WHERE group_id = p_group AND state = ${claimed} AND at <= p_now ORDER BY at, position LIMIT 1000) e;
  IF v_entries IS NULL THEN RETURN; END IF;
  FOR v_entry IN SELECT * FROM json_to_recordset(v_entries) AS e (position bigint, attempts int, consumer text, is_alone boolean) LOOP
    IF ${isBlamed} AND v_entry.attempts >= (p_definition ->> 'maxAttempts')::bigint THEN
      PERFORM ${of("park_entry")}(p_group, p_definition, v_entry.position,
        'Consumer ' || v_entry.consumer || ' went away with it, or took longer than its lease.', p_now);
    ELSE
      PERFORM ${of("wait_entry")}(p_group, v_entry.position, v_entry.attempts, p_now, ${comesAlone});
    END IF;
  END LOOP;
  PERFORM ${of("release_behind")}(p_group, e.key, e.position, p_now) FROM json_to_recordset(v_entries) AS e (position bigint, key text);
  PERFORM ${of("let_first_go")}(p_group, e.key, e.position, p_now) FROM json_to_recordset(v_entries) AS e (position bigint, key text);
END
$body$;
`;
}

/** Settles deliveries, as far as they are held; tells whether any was. A later migration has one that does it in sets. */
function settle({ of }: Names): string {
  return `
CREATE FUNCTION ${of("settle")}(p_group text, p_deliveries json)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_group bigint;
  v_definition json;
  v_now bigint := ${NOW_MS};
  v_entries json;
  v_entry record;
BEGIN
  SELECT id, definition INTO v_group, v_definition FROM ${of("consumer_groups")} WHERE name = p_group COLLATE "C";
  SELECT json_agg(s) INTO v_entries FROM (
    SELECT d.position, d.outcome, d.error, d."delayMs", e.key, e.attempts,
        d.outcome IN ('acknowledge', 'skip') AS is_done
      FROM json_to_recordset(p_deliveries) d (position bigint, fence bigint, outcome text, error text, "delayMs" bigint)
      JOIN LATERAL (SELECT key, attempts, state, fence FROM ${of("group_entries")}
        WHERE group_id = v_group AND position = d.position LIMIT 1) e ON e.state = ${claimed} AND e.fence = d.fence) s;
  IF v_entries IS NULL THEN RETURN false; END IF;
  -- One by one: a join would be planned for as many entries as the group had when it was last looked at.
  FOR v_entry IN SELECT * FROM json_to_recordset(v_entries) AS e (position bigint, is_done boolean) WHERE e.is_done LOOP
    DELETE FROM ${of("group_entries")} WHERE group_id = v_group AND position = v_entry.position;
  END LOOP;
  FOR v_entry IN
    SELECT * FROM json_to_recordset(v_entries)
      AS e (position bigint, outcome text, error text, "delayMs" bigint, attempts int, is_done boolean) WHERE NOT e.is_done
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
    FROM json_to_recordset(v_entries) AS e (position bigint, key text, is_done boolean) WHERE NOT e.is_done;
  PERFORM ${of("let_first_go")}(v_group, e.key, e.position, v_now)
    FROM json_to_recordset(v_entries) AS e (position bigint, key text, is_done boolean) WHERE e.key IS NOT NULL OR NOT e.is_done;
  RETURN true;
END
$body$;
`;
}
