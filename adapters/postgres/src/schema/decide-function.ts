import { EntryState } from "../groups/entry-state.ts";
import type { Names } from "./names.ts";

/**
 * Decides about a group of writes of any kind, one after another, and does all of them but the inserting of events: the second half of `write`, for what is not
 * the usual case. First all of a write is decided, then all of it is done.
 */
export function decideFunction({ of }: Names): string {
  return `
CREATE FUNCTION ${of("decide")}(
  p_streams text[], a_write int[], a_stream int[], a_expected bigint[], a_size int[], p_items text[],
  p_last bigint[], p_deleted bigint[], p_tombstoned boolean[],
  p_found int[], p_is_run boolean[], p_run_version bigint[], p_run_position bigint[],
  p_next bigint, p_now bigint, e_append int[], e_id uuid[],
  OUT firsts bigint[], OUT positions bigint[], OUT outcomes text, OUT next bigint, OUT is_news boolean, OUT is_done boolean
) LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
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
  v_refusal json;
  v_stream int;
  v_expected bigint;
  v_actual bigint;
  v_place bigint;
  v_fence bigint;
  v_lease record;
  v_group bigint;
  v_lost record;
  v_id uuid;
  v_has_progressed boolean;
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

    -- What is recorded already?
    v_hit := NULL;
    v_runs := 0;
    IF p_found IS NOT NULL THEN
      FOR v_append IN v_from .. v_to LOOP
        IF p_is_run[v_append] THEN v_runs := v_runs + 1; END IF;
        IF v_hit IS NULL AND p_found[v_append] > 0 THEN v_hit := v_append; END IF;
      END LOOP;
    END IF;
    v_is_repeated := v_hit IS NOT NULL AND v_runs = v_to - v_from + 1;
    IF v_hit IS NOT NULL AND NOT v_is_repeated THEN
      SELECT u.id, e.version INTO v_id, v_place
        FROM unnest(e_append, e_id) WITH ORDINALITY u (append, id, n)
        JOIN LATERAL (SELECT version FROM ${of("events")}
          WHERE id = u.id AND stream = p_streams[a_stream[v_hit]] COLLATE "C" LIMIT 1) e ON true
        WHERE u.append = v_hit ORDER BY u.n LIMIT 1;
      outcomes := outcomes || ',' || json_build_object('write', v_write, 'code', 'event-already-recorded',
        'stream', p_streams[a_stream[v_hit]], 'id', v_id, 'version', v_place);
      CONTINUE writes;
    END IF;
    IF v_is_repeated THEN v_added := 0; END IF;

    -- Streams first, then progress, each in the order of the items.
    IF NOT v_is_repeated THEN
      v_append := v_from - 1;
      FOR v_item, v_index IN SELECT value, ordinality - 1 FROM json_array_elements(v_items) WITH ORDINALITY LOOP
        v_kind := v_item ->> 'kind';
        IF v_kind = 'append' THEN
          v_append := v_append + 1;
          v_stream := a_stream[v_append];
          v_expected := a_expected[v_append];
        ELSIF v_kind IN ('delete', 'tombstone') THEN
          v_stream := v_item ->> 's';
          v_expected := v_item ->> 'expected';
        ELSE
          CONTINUE;
        END IF;
        v_actual := p_last[v_stream];
        IF v_actual < p_deleted[v_stream] THEN v_actual := -1; END IF;
        IF p_tombstoned[v_stream] THEN
          IF v_kind <> 'tombstone' THEN
            v_refusal := json_build_object('write', v_write, 'code', 'stream-tombstoned', 'item', v_index);
          END IF;
        ELSIF NOT (v_expected = v_actual OR v_expected = -2 OR v_expected = -3 AND v_actual >= 0) THEN
          v_refusal := json_build_object('write', v_write, 'code', 'wrong-expected-version', 'item', v_index, 'actual', v_actual);
        END IF;
        EXIT WHEN v_refusal IS NOT NULL;
      END LOOP;
    END IF;
    IF v_refusal IS NULL THEN
      FOR v_item, v_index IN SELECT value, ordinality - 1 FROM json_array_elements(v_items) WITH ORDINALITY LOOP
        v_kind := v_item ->> 'kind';
        IF v_kind = 'checkpoint' THEN
          SELECT position INTO v_place FROM ${of("checkpoints")} WHERE name = v_item ->> 'name' COLLATE "C";
          IF v_is_repeated AND v_place IS DISTINCT FROM (v_item ->> 'expected')::bigint THEN CONTINUE; END IF;
          SELECT fence, owner IS NOT NULL AND until > (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS is_held
            INTO v_lease FROM ${of("leases")} WHERE name = v_item ->> 'name' COLLATE "C";
          v_fence := v_item ->> 'fence';
          IF NOT (v_fence IS NULL AND v_lease.is_held IS NOT TRUE) AND v_fence IS DISTINCT FROM v_lease.fence THEN
            v_refusal := json_build_object('write', v_write, 'code', 'fenced', 'item', v_index, 'actual', v_lease.fence);
          ELSIF v_place IS DISTINCT FROM (v_item ->> 'expected')::bigint THEN
            v_refusal := json_build_object('write', v_write, 'code', 'wrong-checkpoint', 'item', v_index, 'actual', v_place);
          ELSIF (v_item ->> 'position')::bigint > next - 1 + v_added THEN
            v_refusal := json_build_object('write', v_write, 'code', 'ahead-of-log', 'item', v_index, 'actual', next - 1 + v_added);
          END IF;
        ELSIF v_kind = 'settle' THEN
          SELECT id INTO v_group FROM ${of("consumer_groups")} WHERE name = v_item ->> 'group' COLLATE "C" FOR UPDATE;
          IF v_is_repeated THEN CONTINUE; END IF;
          IF v_group IS NULL THEN
            v_refusal := json_build_object('write', v_write, 'code', 'group-not-found', 'item', v_index);
          ELSE
            SELECT d.position, d.fence INTO v_lost
              FROM json_to_recordset(v_item -> 'deliveries') d (position bigint, fence bigint)
              LEFT JOIN LATERAL (SELECT state, fence FROM ${of("group_entries")}
                WHERE group_id = v_group AND position = d.position LIMIT 1) e ON true
              WHERE e.state IS DISTINCT FROM ${EntryState.claimed} OR e.fence IS DISTINCT FROM d.fence LIMIT 1;
            IF FOUND THEN
              v_refusal := json_build_object('write', v_write, 'code', 'delivery-lost', 'item', v_index,
                'position', v_lost.position, 'fence', v_lost.fence);
            END IF;
          END IF;
        END IF;
        EXIT WHEN v_refusal IS NOT NULL;
      END LOOP;
    END IF;
    IF v_refusal IS NOT NULL THEN
      outcomes := outcomes || ',' || v_refusal;
      CONTINUE writes;
    END IF;

    -- Nothing can be refused any more.
    v_has_progressed := false;
    v_append := v_from - 1;
    FOR v_item IN SELECT value FROM json_array_elements(v_items) LOOP
      v_kind := v_item ->> 'kind';
      IF v_kind = 'checkpoint' THEN
        IF v_item ->> 'position' IS NULL THEN
          DELETE FROM ${of("checkpoints")} WHERE name = v_item ->> 'name' COLLATE "C"
            AND (NOT v_is_repeated OR position = (v_item ->> 'expected')::bigint);
        ELSIF v_item ->> 'expected' IS NULL THEN
          INSERT INTO ${of("checkpoints")} (name, position) VALUES (v_item ->> 'name', (v_item ->> 'position')::bigint)
            ON CONFLICT DO NOTHING;
        ELSE
          UPDATE ${of("checkpoints")} SET position = (v_item ->> 'position')::bigint
            WHERE name = v_item ->> 'name' COLLATE "C" AND position = (v_item ->> 'expected')::bigint;
        END IF;
        v_has_progressed := v_has_progressed OR FOUND;
      ELSIF v_kind = 'settle' THEN
        IF ${of("settle")}(v_item ->> 'group', v_item -> 'deliveries') THEN
          v_has_progressed := true;
          is_news := true;
        END IF;
      ELSIF v_is_repeated THEN
        CONTINUE;
      ELSIF v_kind = 'append' THEN
        v_append := v_append + 1;
        v_stream := a_stream[v_append];
        firsts[v_append] := p_last[v_stream] + 1;
        positions[v_append] := next;
        p_last[v_stream] := p_last[v_stream] + a_size[v_append];
        next := next + a_size[v_append];
      ELSIF v_kind IN ('delete', 'tombstone') THEN
        is_news := true;
        v_stream := v_item ->> 's';
        IF v_kind = 'tombstone' OR p_last[v_stream] >= 0 THEN
          p_deleted[v_stream] := p_last[v_stream] + 1;
          p_tombstoned[v_stream] := p_tombstoned[v_stream] OR v_kind = 'tombstone';
          INSERT INTO ${of("streams")} (name, deleted_before, is_tombstoned)
            VALUES (p_streams[v_stream], p_deleted[v_stream], p_tombstoned[v_stream])
            ON CONFLICT (name) DO UPDATE SET deleted_before = excluded.deleted_before, is_tombstoned = excluded.is_tombstoned;
        END IF;
        DELETE FROM ${of("snapshots")} WHERE name = p_streams[v_stream] COLLATE "C";
      ELSIF v_kind = 'metadata' THEN
        is_news := true;
        INSERT INTO ${of("streams")} (name, max_count, max_age_ms, truncate_before, metadata)
          VALUES (v_item ->> 'stream', (v_item ->> 'maxCount')::bigint, (v_item ->> 'maxAgeMs')::bigint,
            (v_item ->> 'truncateBefore')::bigint, v_item ->> 'metadata')
          ON CONFLICT (name) DO UPDATE SET max_count = excluded.max_count, max_age_ms = excluded.max_age_ms,
            truncate_before = excluded.truncate_before, metadata = excluded.metadata;
      ELSIF v_kind = 'snapshot' THEN
        is_news := true;
        INSERT INTO ${of("snapshots")} AS s (name, version, schema_version, hash, content_type, data, bytes, time)
          VALUES (v_item ->> 'name', (v_item ->> 'version')::bigint, (v_item ->> 'schemaVersion')::bigint, v_item ->> 'hash',
            v_item ->> 'contentType', v_item ->> 'data', decode(v_item ->> 'base64', 'base64'), p_now)
          ON CONFLICT (name) DO UPDATE SET version = excluded.version, schema_version = excluded.schema_version, hash = excluded.hash,
            content_type = excluded.content_type, data = excluded.data, bytes = excluded.bytes, time = excluded.time
          WHERE s.schema_version <> excluded.schema_version OR s.version <= excluded.version;
      END IF;
    END LOOP;
    is_done := is_done OR NOT v_is_repeated OR v_has_progressed;
    IF v_is_repeated THEN
      outcomes := outcomes || ',' || json_build_object('write', v_write, 'progressed', v_has_progressed, 'repeated', (SELECT json_agg(json_build_array(p_run_version[n], p_run_position[n]) ORDER BY n)
        FROM generate_series(v_from, v_to) n));
    END IF;
  END LOOP;
END
$body$;
`;
}
