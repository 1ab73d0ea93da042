import type { Names } from "./names.ts";
import { carryOutItems } from "./carry-out-items.ts";
import { refuseItems, type StreamKinds } from "./refuse-items.ts";
import type { SnapshotPutting } from "./snapshot-putting.ts";

/** In what `decide` has changed since it was made. */
export interface Deciding {
  readonly putSnapshot: SnapshotPutting;
  readonly streamKinds: StreamKinds;
}

/**
 * Decides about a group of writes of any kind, one after another, and does all of them but the inserting of events: the second half of `write`, for what is not
 * the usual case. First all of a write is decided, then all of it is done.
 */
export function decideFunction({ of }: Names, { putSnapshot, streamKinds }: Deciding): string {
  return `
CREATE FUNCTION ${of("decide")}(
  p_streams text[], a_write int[], a_stream int[], a_expected bigint[], a_size int[], p_items text[],
  p_last bigint[], p_deleted bigint[], p_tombstoned boolean[],
  p_found int[], p_is_run boolean[], p_run_version bigint[], p_run_position bigint[],
  p_next bigint, p_now bigint, e_append int[], e_id uuid[],
  OUT firsts bigint[], OUT positions bigint[], OUT outcomes text, OUT next bigint, OUT is_news boolean, OUT is_done boolean
) LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
${VARIABLES}
BEGIN
  next := p_next;
  outcomes := '';
  is_news := false;
  is_done := false;
  IF v_appends > 0 THEN
    firsts := array_fill(NULL::bigint, ARRAY[v_appends]);
    positions := firsts;
  END IF;
  <<writes>>
  FOR v_write IN 1 .. coalesce(cardinality(p_items), v_appends) LOOP
    v_from := v_to + 1;
    v_added := 0;
    WHILE v_to < v_appends AND a_write[v_to + 1] = v_write LOOP
      v_to := v_to + 1;
      v_added := v_added + a_size[v_to];
    END LOOP;
    v_items := coalesce(p_items[v_write], '[{"kind":"append"}]');
    v_refusal := NULL;
    ${findRepetition(of)}
    ${refuseItems(of, streamKinds)}
    IF v_refusal IS NOT NULL THEN
      outcomes := outcomes || ',' || v_refusal;
      CONTINUE writes;
    END IF;
    -- Nothing can be refused any more.
    ${carryOutItems(of, putSnapshot)}
    is_done := is_done OR NOT v_is_repeated OR v_has_progressed;
    IF v_is_repeated THEN
      outcomes := outcomes || ',' || json_build_object('write', v_write, 'progressed', v_has_progressed, 'repeated',
        (SELECT json_agg(json_build_array(p_run_version[n], p_run_position[n]) ORDER BY n) FROM generate_series(v_from, v_to) n));
    END IF;
  END LOOP;
END
$body$;
`;
}

const VARIABLES = `DECLARE
  v_appends int := coalesce(cardinality(a_stream), 0);
  v_items json;
  v_item json;
  v_kind text;
  v_index int;
  v_from int;
  v_to int := 0;
  v_append int;
  v_hit int;
  v_runs int;
  v_added bigint;
  v_is_repeated boolean;
  v_has_progressed boolean;
  v_refusal json;
  v_stream int;
  v_expected bigint;
  v_actual bigint;
  v_place bigint;
  v_fence bigint;
  v_lease record;
  v_group bigint;
  v_lost record;
  v_id uuid;`;

/** Whether all events of a write are recorded, each append one run; only some of them are a refusal. */
function findRepetition(of: Names["of"]): string {
  return `v_hit := NULL;
    v_runs := 0;
    IF p_found IS NOT NULL THEN
      FOR v_append IN v_from .. v_to LOOP
        IF p_is_run[v_append] THEN v_runs := v_runs + 1; END IF;
        IF v_hit IS NULL AND p_found[v_append] > 0 THEN v_hit := v_append; END IF;
      END LOOP;
    END IF;
    v_is_repeated := v_hit IS NOT NULL AND v_runs = v_to - v_from + 1;
    IF v_is_repeated THEN
      v_added := 0;
    ELSIF v_hit IS NOT NULL THEN
      SELECT u.id, e.version INTO v_id, v_place
        FROM unnest(e_append, e_id) WITH ORDINALITY u (append, id, n)
        JOIN LATERAL (SELECT version FROM ${of("events")}
          WHERE id = u.id AND stream = p_streams[a_stream[v_hit]] COLLATE "C" LIMIT 1) e ON true
        WHERE u.append = v_hit ORDER BY u.n LIMIT 1;
      outcomes := outcomes || ',' || json_build_object('write', v_write, 'code', 'event-already-recorded',
        'stream', p_streams[a_stream[v_hit]], 'id', v_id, 'version', v_place);
      CONTINUE writes;
    END IF;`;
}
