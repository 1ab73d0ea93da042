import type { Names } from "./names.ts";
import type { SnapshotPutting } from "./snapshot-putting.ts";

/** The part of `decide` that does what a write says, but for the inserting of its events. Of one that is repeated only progress is left to be made. */
export function carryOutItems(of: Names["of"], putSnapshot: SnapshotPutting): string {
  return `v_has_progressed := false;
    v_append := v_from - 1;
    FOR v_item IN SELECT value FROM json_array_elements(v_items) LOOP
      v_kind := v_item ->> 'kind';
      IF v_kind = 'checkpoint' THEN
        ${moveCheckpoint(of)}
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
        ${deleteStream(of)}
      ELSIF v_kind = 'metadata' THEN
        is_news := true;
        ${describeStream(of)}
      ELSIF v_kind = 'snapshot' THEN
        is_news := true;
        ${putSnapshot(of)}
      END IF;
    END LOOP;`;
}

function moveCheckpoint(of: Names["of"]): string {
  return `IF v_item ->> 'position' IS NULL THEN
          DELETE FROM ${of("checkpoints")} WHERE name = v_item ->> 'name' COLLATE "C" AND position = (v_item ->> 'expected')::bigint;
        ELSIF v_item ->> 'expected' IS NULL THEN
          INSERT INTO ${of("checkpoints")} (name, position) VALUES (v_item ->> 'name', (v_item ->> 'position')::bigint)
            ON CONFLICT DO NOTHING;
        ELSE
          UPDATE ${of("checkpoints")} SET position = (v_item ->> 'position')::bigint
            WHERE name = v_item ->> 'name' COLLATE "C" AND position = (v_item ->> 'expected')::bigint;
        END IF;
        v_has_progressed := v_has_progressed OR FOUND;`;
}

/** Hides what is there now. A stream that there never was stays missing, unless it is a tombstone. */
function deleteStream(of: Names["of"]): string {
  return `v_stream := v_item ->> 's';
        IF v_kind = 'tombstone' OR p_last[v_stream] >= 0 THEN
          p_deleted[v_stream] := p_last[v_stream] + 1;
          p_tombstoned[v_stream] := p_tombstoned[v_stream] OR v_kind = 'tombstone';
          INSERT INTO ${of("streams")} (name, deleted_before, is_tombstoned)
            VALUES (p_streams[v_stream], p_deleted[v_stream], p_tombstoned[v_stream])
            ON CONFLICT (name) DO UPDATE SET deleted_before = excluded.deleted_before, is_tombstoned = excluded.is_tombstoned;
        END IF;
        DELETE FROM ${of("snapshots")} WHERE name = p_streams[v_stream] COLLATE "C";`;
}

function describeStream(of: Names["of"]): string {
  return `INSERT INTO ${of("streams")} (name, max_count, max_age_ms, truncate_before, metadata)
          VALUES (v_item ->> 'stream', (v_item ->> 'maxCount')::bigint, (v_item ->> 'maxAgeMs')::bigint,
            (v_item ->> 'truncateBefore')::bigint, v_item ->> 'metadata')
          ON CONFLICT (name) DO UPDATE SET max_count = excluded.max_count, max_age_ms = excluded.max_age_ms,
            truncate_before = excluded.truncate_before, metadata = excluded.metadata;`;
}
