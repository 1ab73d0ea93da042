import { EntryState } from "@reactive-domain/persistence/adapter";
import { COUNTS_ALL, type Holding } from "./holding.ts";
import type { Names } from "./names.ts";
import { headOf, NOW_MS, PINNED } from "./parts.ts";
import { MAX_LOOKS } from "./take-from-log-function.ts";
import type { Taking } from "./taking.ts";

const { ready, suspect, delayed, behind, claimed, parked } = EntryState;

const EVENT_COLUMNS =
  '"position" bigint, stream text, version bigint, type text, schema_version bigint, "time" bigint, id text, content_type text, metadata text, data text, bytes text';

/**
 * Chooses what may be delivered together, and delivers it: the first entries that are due and behind nothing of their key, then events from the log; a suspect only
 * by itself. Gives one row for each delivery, in the order of the log; or one without a position, that tells in how many milliseconds to come again.
 */
export function claimFunction({ of }: Names, taking: Taking, holding: Holding = COUNTS_ALL): string {
  const entries = of("group_entries");
  return `
CREATE FUNCTION ${of("claim")}(p_name text, p_consumer text, p_max bigint, p_lease bigint)
RETURNS TABLE (again_in bigint, attempt int, fence bigint, until bigint, ${EVENT_COLUMNS})
LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
${VARIABLES}${taking.variables}
BEGIN
  PERFORM ${of("guard")}();
  SELECT id, g.definition, next INTO v_group, v_definition, v_next FROM ${of("consumer_groups")} g
    WHERE name = p_name COLLATE "C" FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no such group' USING ERRCODE = 'RDG01'; END IF;
  v_start := v_next;
  v_head := ${headOf(of)};
  PERFORM ${of("end_leases")}(v_group, v_definition, v_now);
  UPDATE ${entries} SET state = ${ready}, at = 0 WHERE group_id = v_group AND state = ${delayed} AND at <= v_now;
  ${holding.look(entries)}
  -- Who has a suspect gets nothing beside it.
  IF v_trials = 0 THEN
    ${choose(of, taking)}
  END IF;
  IF v_count = 0 THEN
    ${tellWhen(entries)}
    RETURN NEXT;
    RETURN;
  END IF;
  IF ${holding.joins} THEN
    UPDATE ${entries} SET is_alone = false WHERE group_id = v_group AND consumer = p_consumer COLLATE "C";
  ELSIF ${holding.isFirst} THEN
    UPDATE ${entries} e SET is_alone = true WHERE group_id = v_group AND consumer = p_consumer COLLATE "C" AND e.fence = v_fence;
  END IF;
  RETURN QUERY SELECT NULL::bigint, c.attempts, v_fence, v_until, e.position, e.stream, e.version, e.type, e.schema_version, e.time, e.id::text,
      e.content_type, e.metadata, e.data, encode(e.bytes, 'base64')
    FROM ${entries} c JOIN ${of("events")} e ON e.position = c.position
    WHERE c.group_id = v_group AND c.consumer = p_consumer COLLATE "C" AND c.fence = v_fence ORDER BY c.position;
END
$body$;
`;
}

const VARIABLES = `DECLARE
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
  v_is_free boolean;`;

function choose(of: Names["of"], taking: Taking): string {
  const entries = of("group_entries");
  return `v_fence := nextval('${of("fences")}');
    v_until := v_now + p_lease;
    SELECT e.position INTO v_ready FROM ${entries} e WHERE group_id = v_group AND state = ${ready} AND at = 0 ORDER BY e.position LIMIT 1;
    IF v_held = 0 THEN
      SELECT e.position INTO v_suspect FROM ${entries} e WHERE group_id = v_group AND state = ${suspect} AND at = 0 ORDER BY e.position LIMIT 1;
    END IF;
    IF v_suspect IS NOT NULL AND (v_ready IS NULL OR v_suspect < v_ready) THEN
      ${claimOne(entries, "v_suspect")}
      v_count := 1;
    ELSE
      ${chooseKnown(entries)}
      ${chooseFromLog(of, taking)}
    END IF;`;
}

function claimOne(entries: string, place: string): string {
  return `UPDATE ${entries} e SET state = ${claimed}, attempts = attempts + 1, at = v_until, consumer = p_consumer, fence = v_fence, is_alone = false
        WHERE group_id = v_group AND e.position = ${place};`;
}

/** Those that are ready, and behind each chosen one the next of its key, in the order of the log. */
function chooseKnown(entries: string): string {
  return `WHILE v_count < p_max LOOP
        SELECT min(c) INTO v_candidate FROM unnest(v_candidates) c;
        v_candidate := least(v_candidate, v_ready);
        EXIT WHEN v_candidate IS NULL;
        v_candidates := array_remove(v_candidates, v_candidate);
        ${claimOne(entries, "v_candidate")}
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
      END LOOP;`;
}

/** Events from the log, as long as the group has room. */
function chooseFromLog(of: Names["of"], taking: Taking): string {
  const entries = of("group_entries");
  return `v_wanted := p_max - v_count;
      IF v_wanted > 0 AND v_next <= v_head THEN
        SELECT (v_definition ->> 'maxUnsettled')::bigint - count(*) INTO v_room FROM ${entries} WHERE group_id = v_group AND state < ${parked};
        WHILE v_wanted > 0 AND v_room > 0 AND v_next <= v_head AND v_looks < ${MAX_LOOKS} LOOP
          v_limit := least(v_wanted, v_room);
          SELECT * INTO v_taken FROM ${of("take_from_log")}(v_definition, v_next, v_head, v_limit);
          ${taking.take(entries)}
          IF coalesce(cardinality(v_taken.places), 0) = v_limit THEN
            v_next := v_taken.places[v_limit] + 1;
          ELSE
            v_next := v_taken.looked_to + 1;
            EXIT;
          END IF;
        END LOOP;
        IF v_next <> v_start THEN UPDATE ${of("consumer_groups")} SET next = v_next WHERE id = v_group; END IF;
      END IF;`;
}

/** When there may be more without a commit: now where the log was not looked through, else when a delay or a lease ends. */
function tellWhen(entries: string): string {
  return `IF v_trials = 0 AND v_next <= v_head AND
      (SELECT count(*) FROM ${entries} WHERE group_id = v_group AND state < ${parked}) < (v_definition ->> 'maxUnsettled')::bigint THEN
      again_in := 0;
    ELSE
      SELECT CASE WHEN min(at) < v_now THEN 0 ELSE min(at) - v_now END INTO again_in FROM (
        (SELECT at FROM ${entries} WHERE group_id = v_group AND state = ${delayed} ORDER BY at LIMIT 1) UNION ALL
        (SELECT at FROM ${entries} WHERE group_id = v_group AND state = ${claimed} ORDER BY at LIMIT 1)) t;
    END IF;`;
}
