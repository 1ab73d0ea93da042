import type { Names } from "./names.ts";

/** How `decide` puts a snapshot: a piece of that function. */
export type SnapshotPutting = (of: Names["of"]) => string;

const COLUMNS = "name, version, schema_version, hash, content_type, data, bytes, time";

/** In the place of one that is behind it or of another schema. */
const IN_ITS_PLACE = `ON CONFLICT (name) DO UPDATE SET version = excluded.version, schema_version = excluded.schema_version, hash = excluded.hash,
            content_type = excluded.content_type, data = excluded.data, bytes = excluded.bytes, time = excluded.time
          WHERE s.schema_version <> excluded.schema_version OR s.version <= excluded.version;`;

const FACTS = `v_item ->> 'name', (v_item ->> 'version')::bigint, (v_item ->> 'schemaVersion')::bigint, v_item ->> 'hash',
            v_item ->> 'contentType', v_item ->> 'data', decode(v_item ->> 'base64', 'base64'), p_now`;

/** As stores were made by the fourth migration: also one of before the deletion of its stream. */
export const PUTS_DELETED: SnapshotPutting = (of) => `INSERT INTO ${of("snapshots")} AS s (${COLUMNS})
          VALUES (${FACTS})
          ${IN_ITS_PLACE}`;

/** Unless its version was deleted with the stream of its name. */
export const PASSES_DELETED_OVER: SnapshotPutting = (of) => `INSERT INTO ${of("snapshots")} AS s (${COLUMNS})
          SELECT ${FACTS}
          WHERE NOT EXISTS (SELECT 1 FROM ${of("streams")}
            WHERE name = v_item ->> 'name' COLLATE "C" AND deleted_before > (v_item ->> 'version')::bigint)
          ${IN_ITS_PLACE}`;
