import { TransferRefused, type GroupEntryRecord, type LogRecord, type StoreRecord } from "@reactive-domain/persistence";
import { dataOf, EntryState } from "@reactive-domain/persistence/adapter";
import { contentColumns } from "../content.ts";
import { run } from "../database.ts";
import { metadataColumns } from "../item-text.ts";
import { entryColumns } from "./entry-state-record.ts";
import type { TakingPlace } from "./taking.ts";

type Kind = StoreRecord["kind"];
type RecordOf<K extends Kind> = Extract<StoreRecord, { readonly kind: K }>;

const SNAPSHOT_COLUMNS =
  "name text, version bigint, schema_version bigint, hash text, content_type text, data text, bytes text, time bigint";

/** Takes over what another store holds beside its events. Errors: `transfer-refused`; then the transaction is to be undone. */
export async function takeRecords(records: readonly StoreRecord[], place: TakingPlace): Promise<void> {
  const of = <K extends Kind>(kind: K): readonly RecordOf<K>[] => records.filter((record): record is RecordOf<K> => record.kind === kind);
  const [log] = of("log");
  if (log !== undefined) await beginRound(log, place);
  await takeStreams(of("stream"), place);
  await put(place, "snapshots", SNAPSHOT_COLUMNS, of("snapshot").map(snapshotRow));
  await put(place, "checkpoints", "name text, position bigint", of("checkpoint"));
  await put(place, "leases", "name text, owner text, fence bigint, until bigint", of("lease").map(leaseRow));
  await put(place, "consumer_groups", "name text, definition text, next bigint", of("group").map(groupRow));
  await takeEntries(of("entry"), place);
}

/** What the last round left is replaced by this one. Streams stay: none ever goes. */
async function beginRound({ head, headTimeMs, lastFence }: LogRecord, { client, names }: TakingPlace): Promise<void> {
  if (head !== null) await run(client, `UPDATE ${names.of("log")} SET head_position = $1, head_time = $2 WHERE one`, [head, headTimeMs]);
  for (const table of ["snapshots", "checkpoints", "leases", "group_entries", "consumer_groups"])
    await run(client, `DELETE FROM ${names.of(table)}`);
  if (lastFence > 0) await run(client, `SELECT setval($1, $2)`, [names.of("fences"), lastFence]);
}

async function takeStreams(streams: readonly RecordOf<"stream">[], { client, names }: TakingPlace): Promise<void> {
  if (streams.length === 0) return;
  const rows = streams.map(({ stream, lastVersion, deletedBefore, isTombstoned, metadata }) => {
    const { maxCount, maxAgeMs, truncateBefore, metadata: text } = metadataColumns(metadata);
    return {
      name: stream,
      known_version: lastVersion ?? -1,
      deleted_before: deletedBefore,
      is_tombstoned: isTombstoned,
      max_count: maxCount,
      max_age_ms: maxAgeMs,
      truncate_before: truncateBefore,
      metadata: text,
    };
  });
  // A stream that has all of its events, and nothing else, needs no row.
  await run(
    client,
    `INSERT INTO ${names.of("streams")} SELECT r.* FROM json_populate_recordset(NULL::${names.of("streams")}, $1) r
      WHERE r.deleted_before > 0 OR r.is_tombstoned OR r.metadata IS NOT NULL
        OR r.known_version > coalesce((SELECT max(version) FROM ${names.of("events")} WHERE stream = r.name), -1)
        OR (SELECT min(version) FROM ${names.of("events")} WHERE stream = r.name) > 0
      ON CONFLICT (name) DO UPDATE SET known_version = excluded.known_version, deleted_before = excluded.deleted_before,
        is_tombstoned = excluded.is_tombstoned, max_count = excluded.max_count, max_age_ms = excluded.max_age_ms,
        truncate_before = excluded.truncate_before, metadata = excluded.metadata`,
    [JSON.stringify(rows)],
  );
  // What was said in an earlier round, and was taken back since.
  await run(
    client,
    `UPDATE ${names.of("streams")} s SET max_count = NULL, max_age_ms = NULL, truncate_before = NULL, metadata = NULL
      FROM json_populate_recordset(NULL::${names.of("streams")}, $1) r WHERE r.name = s.name AND r.metadata IS NULL AND s.metadata IS NOT NULL`,
    [JSON.stringify(rows)],
  );
}

async function put({ client, names }: TakingPlace, table: string, columns: string, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const list = columns.replaceAll(/ (text|bigint)/g, "");
  const values = list.replace("bytes", "decode(bytes, 'base64')");
  await run(client, `INSERT INTO ${names.of(table)} (${list}) SELECT ${values} FROM json_to_recordset($1) r (${columns})`, [
    JSON.stringify(rows),
  ]);
}

function snapshotRow(record: RecordOf<"snapshot">): object {
  const { kind: _, schemaVersion, contentType, timeMs, ...snapshot } = record;
  const { data, bytes } = contentColumns(dataOf(record));
  const base64 = bytes === null ? null : Buffer.from(bytes).toString("base64");
  return { ...snapshot, data, bytes: base64, schema_version: schemaVersion, content_type: contentType, time: timeMs };
}

function leaseRow({ name, owner, fence, untilMs }: RecordOf<"lease">): object {
  return { name, owner, fence, until: untilMs };
}

function groupRow({ name, definition, next }: RecordOf<"group">): object {
  return { name, definition: JSON.stringify(definition), next };
}

/** Entries come in the order of the log, those of a group behind it. */
async function takeEntries(entries: readonly GroupEntryRecord[], { client, names, store }: TakingPlace): Promise<void> {
  if (entries.length === 0) return;
  const rows = JSON.stringify(
    entries.map(({ group, position, attempts, state }) => ({ group, position, attempts, ...entryColumns(state) })),
  );
  const columns =
    '"group" text, position bigint, attempts int, state int, due bigint, at bigint, is_suspect boolean, is_alone boolean, consumer text, fence bigint, error text, parked_at bigint';
  const [lost] = await run(
    client,
    `SELECT r."group", r.position FROM json_to_recordset($1) r ("group" text, position bigint)
      WHERE NOT EXISTS (SELECT 1 FROM ${names.of("events")} e WHERE e.position = r.position) LIMIT 1`,
    [rows],
  );
  if (lost !== undefined) {
    const problem = `lacks the event at ${lost[1]}, which group ${lost[0]} has under way: the source was scavenged meanwhile`;
    throw new TransferRefused(store, problem, "Copy again, into an empty store");
  }
  const isWaiting = `k.state IN (${EntryState.suspect}, ${EntryState.delayed})`;
  const isBehind =
    "k.key IS NOT NULL AND (k.nth > 1 OR EXISTS (SELECT 1 FROM " +
    `${names.of("group_entries")} o WHERE o.group_id = k.id AND o.key = k.key AND o.in_line))`;
  await run(
    client,
    `INSERT INTO ${names.of("group_entries")}
        (group_id, position, key, in_line, state, at, due, attempts, is_suspect, is_alone, consumer, fence, error, parked_at)
      SELECT id, position, key, in_line, CASE WHEN ${isWaiting} AND ${isBehind} THEN ${EntryState.behind} ELSE state END,
          CASE WHEN ${isWaiting} AND ${isBehind} THEN 0 ELSE at END, due, attempts, is_suspect, is_alone, consumer, fence, error, parked_at
        FROM (SELECT *, count(*) FILTER (WHERE in_line) OVER (PARTITION BY id, key ORDER BY position ROWS UNBOUNDED PRECEDING)
            + CASE WHEN in_line THEN 0 ELSE 1 END AS nth FROM (
          SELECT g.id, r.*, keys.key,
              keys.key IS NOT NULL AND (r.state <> ${EntryState.parked} OR g.definition::json ->> 'behindParked' = 'wait') AS in_line
            FROM json_to_recordset($1) r (${columns})
            JOIN ${names.of("consumer_groups")} g ON g.name = r."group" COLLATE "C"
            JOIN ${names.of("events")} e ON e.position = r.position
            CROSS JOIN LATERAL (SELECT CASE g.definition::json ->> 'orderBy' WHEN 'none' THEN NULL WHEN 'stream' THEN e.stream
              ELSE ${names.of("correlation_key")}(e.metadata, e.id) END AS key) keys) l) k`,
    [rows],
  );
}
