import type { Position, Version } from "@reactive-domain/core";
import type { GroupDefinition, StoreRecord, StreamMetadata } from "@reactive-domain/persistence";
import type { Database } from "better-sqlite3";
import { entryStateRecord, type EntryStateRow } from "./entry-state-record.ts";
import { LAST_VERSION } from "./last-version.ts";
import { LOG_HEAD } from "./log-head.ts";

/** A page is bounded so that the event loop turns between two of them, and that it fits into memory. */
const PAGE_RECORDS = 1_000;
const PAGE_BYTES = 4 * 1024 * 1024;

interface EntryRow extends EntryStateRow {
  readonly group: string;
  readonly position: Position;
  readonly attempts: number;
}

interface StreamRow {
  readonly stream: string;
  readonly version: number;
  readonly deletedBefore: number;
  readonly isTombstoned: 0 | 1;
  readonly metadata: string | null;
}

interface SnapshotRow {
  readonly name: string;
  readonly version: number;
  readonly schemaVersion: number;
  readonly hash: string;
  readonly contentType: string;
  readonly data: string | Uint8Array;
  readonly timeMs: number;
}

/** Reads all records of a store, inside a transaction that its caller holds as long as it reads. */
export function* recordPages(database: Database): Generator<readonly StoreRecord[], void, undefined> {
  let page: StoreRecord[] = [];
  let bytes = 0;
  for (const record of recordsOf(database)) {
    page.push(record);
    bytes += bytesOf(record);
    if (page.length < PAGE_RECORDS && bytes < PAGE_BYTES) continue;
    yield page;
    [page, bytes] = [[], 0];
  }
  if (page.length > 0) yield page;
}

function* recordsOf(database: Database): Iterable<StoreRecord> {
  yield* logRecord(database);
  yield* streamRecords(database);
  yield* snapshotRecords(database);
  for (const row of select<{ name: string; position: Position }>(database, "name, position FROM checkpoints"))
    yield { kind: "checkpoint", ...row };
  const leases = "name, owner, fence, until AS untilMs FROM leases";
  for (const row of select<{ name: string; owner: string | null; fence: number; untilMs: number }>(database, leases))
    yield { kind: "lease", ...row };
  yield* groupRecords(database);
}

function* logRecord(database: Database): Iterable<StoreRecord> {
  const time = "coalesce((SELECT time FROM events WHERE position > head_position ORDER BY position DESC LIMIT 1), head_time)";
  const rows = select<{ head: Position | null; headTimeMs: number; lastFence: number }>(
    database,
    `${LOG_HEAD} AS head, ${time} AS headTimeMs, last_fence AS lastFence FROM log`,
  );
  for (const row of rows) yield { kind: "log", ...row };
}

function* streamRecords(database: Database): Iterable<StoreRecord> {
  const columns = `name AS stream, ${LAST_VERSION} AS version, deleted_before AS deletedBefore, is_tombstoned AS isTombstoned, metadata`;
  for (const { version, metadata, isTombstoned, ...row } of select<StreamRow>(database, `${columns} FROM streams`)) {
    yield {
      kind: "stream",
      ...row,
      lastVersion: version < 0 ? null : (version as Version),
      isTombstoned: isTombstoned === 1,
      metadata: metadata === null ? {} : (JSON.parse(metadata) as StreamMetadata),
    };
  }
}

function* snapshotRecords(database: Database): Iterable<StoreRecord> {
  const columns = "name, version, schema_version AS schemaVersion, hash, content_type AS contentType, data, time AS timeMs";
  for (const { data, ...row } of select<SnapshotRow>(database, `${columns} FROM snapshots`)) {
    const kept = typeof data === "string" ? data : { base64: Buffer.from(data).toString("base64") };
    yield { kind: "snapshot", ...row, data: kept };
  }
}

/** All groups come before the first entry: a row of one must not be read while that of another is. */
function* groupRecords(database: Database): Iterable<StoreRecord> {
  const groups = select<{ name: string; definition: string; next: number }>(database, "name, definition, next FROM consumer_groups");
  for (const { definition, ...row } of groups) yield { kind: "group", ...row, definition: JSON.parse(definition) as GroupDefinition };
  const columns =
    'name AS "group", position, attempts, state, due, at, is_suspect AS isSuspect, is_alone AS isAlone, consumer, fence, error, parked_at AS parkedAt';
  const entries = select<EntryRow>(
    database,
    `${columns} FROM group_entries JOIN consumer_groups ON id = group_id ORDER BY group_id, position`,
  );
  for (const { group, position, attempts, ...state } of entries)
    yield { kind: "entry", group, position, attempts, state: entryStateRecord(state) };
}

function select<T>(database: Database, what: string): Iterable<T> {
  return database.prepare<[], T>(`SELECT ${what}`).iterate();
}

function bytesOf(record: StoreRecord): number {
  if (record.kind === "snapshot") return typeof record.data === "string" ? record.data.length : record.data.base64.length;
  if (record.kind === "entry") return record.state.kind === "parked" ? record.state.error.length : 0;
  return record.kind === "stream" && record.metadata.custom !== undefined ? JSON.stringify(record.metadata.custom).length : 0;
}
