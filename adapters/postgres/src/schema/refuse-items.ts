import { EntryState } from "@reactive-domain/persistence/adapter";
import type { Names } from "./names.ts";
import { NOW_MS } from "./parts.ts";

/** The kinds of items, besides appends, that are held against streams: a piece of `decide`. */
export type StreamKinds = readonly string[];

/** As stores were made by the fourth migration. */
export const KINDS_THAT_END: StreamKinds = ["delete", "tombstone"];

/** And one that looks at a stream without changing it. */
export const KINDS_WITH_EXPECT: StreamKinds = [...KINDS_THAT_END, "expect"];

/** The part of `decide` that refuses a write: what it does to streams is looked at first, then what it says of progress, each in the order of the items. */
export function refuseItems(of: Names["of"], kinds: StreamKinds): string {
  return `IF NOT v_is_repeated THEN
      v_append := v_from - 1;
      FOR v_item, v_index IN SELECT value, ordinality - 1 FROM json_array_elements(v_items) WITH ORDINALITY LOOP
        ${refuseConflict(kinds)}
        EXIT WHEN v_refusal IS NOT NULL;
      END LOOP;
    END IF;
    IF v_refusal IS NULL THEN
      FOR v_item, v_index IN SELECT value, ordinality - 1 FROM json_array_elements(v_items) WITH ORDINALITY LOOP
        v_kind := v_item ->> 'kind';
        IF v_kind = 'checkpoint' THEN
          ${refuseCheckpoint(of)}
        ELSIF v_kind = 'settle' THEN
          ${refuseSettle(of)}
        END IF;
        EXIT WHEN v_refusal IS NOT NULL;
      END LOOP;
    END IF;`;
}

function refuseConflict(kinds: StreamKinds): string {
  return `v_kind := v_item ->> 'kind';
        IF v_kind = 'append' THEN
          v_append := v_append + 1;
          v_stream := a_stream[v_append];
          v_expected := a_expected[v_append];
        ELSIF v_kind IN (${kinds.map((kind) => `'${kind}'`).join(", ")}) THEN
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
        END IF;`;
}

/** Beside events that are recorded, a checkpoint that is elsewhere than expected counts as moved. */
function refuseCheckpoint(of: Names["of"]): string {
  return `SELECT position INTO v_place FROM ${of("checkpoints")} WHERE name = v_item ->> 'name' COLLATE "C";
          IF v_is_repeated AND v_place IS DISTINCT FROM (v_item ->> 'expected')::bigint THEN CONTINUE; END IF;
          SELECT fence, owner IS NOT NULL AND until > ${NOW_MS} AS is_held
            INTO v_lease FROM ${of("leases")} WHERE name = v_item ->> 'name' COLLATE "C";
          v_fence := v_item ->> 'fence';
          IF NOT (v_fence IS NULL AND v_lease.is_held IS NOT TRUE) AND v_fence IS DISTINCT FROM v_lease.fence THEN
            v_refusal := json_build_object('write', v_write, 'code', 'fenced', 'item', v_index, 'actual', v_lease.fence);
          ELSIF v_place IS DISTINCT FROM (v_item ->> 'expected')::bigint THEN
            v_refusal := json_build_object('write', v_write, 'code', 'wrong-checkpoint', 'item', v_index, 'actual', v_place);
          ELSIF (v_item ->> 'position')::bigint > next - 1 + v_added THEN
            v_refusal := json_build_object('write', v_write, 'code', 'ahead-of-log', 'item', v_index, 'actual', next - 1 + v_added);
          END IF;`;
}

/** Takes the row of the group, too. Beside events that are recorded, deliveries that are not held count as settled. */
function refuseSettle(of: Names["of"]): string {
  return `SELECT id INTO v_group FROM ${of("consumer_groups")} WHERE name = v_item ->> 'group' COLLATE "C" FOR UPDATE;
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
          END IF;`;
}
