import { version, type Position } from "@reactive-domain/core";
import type { GroupDefinition, SnapshotRecord, StoreRecord, StreamMetadata } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { contentOf } from "../content.ts";
import { run, type TextRow } from "../database.ts";
import { headOf } from "../schema/parts.ts";
import type { Names } from "../schema/names.ts";
import { entryState, ENTRY_STATE_COLUMNS } from "./entry-state-record.ts";

interface Part {
  readonly query: string;
  readonly record: (row: TextRow) => StoreRecord;
  /** How many records a page has. Snapshots may be large. */
  readonly page: number;
}

const PAGE_RECORDS = 1_000;
const PAGE_SNAPSHOTS = 50;

/** Reads all records of a store, inside a transaction that its caller holds as long as it reads. */
export async function* recordPages(client: PoolClient, names: Names): AsyncGenerator<readonly StoreRecord[], void, undefined> {
  for (const { query, record, page } of partsOf(names)) {
    await run(client, `DECLARE records NO SCROLL CURSOR FOR ${query}`);
    for (;;) {
      const rows = await run(client, `FETCH ${page} FROM records`);
      if (rows.length > 0) yield rows.map(record);
      if (rows.length < page) break;
    }
    await run(client, "CLOSE records");
  }
}

function partsOf({ of }: Names): readonly Part[] {
  const part = (query: string, record: Part["record"], page = PAGE_RECORDS): Part => ({ query, record, page });
  const time = `coalesce((SELECT time FROM ${of("events")} WHERE position > head_position ORDER BY position DESC LIMIT 1), head_time)`;
  return [
    part(
      `SELECT ${headOf(of)}, ${time}, (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ${of("fences")}) FROM ${of("log")}`,
      ([head, headTimeMs, lastFence]) => ({
        kind: "log",
        head: Number(head) < 0 ? null : (Number(head) as Position),
        headTimeMs: Number(headTimeMs),
        lastFence: Number(lastFence),
      }),
    ),
    part(streamsQuery(of), streamRecord),
    part(
      `SELECT name, version, schema_version, hash, content_type, data, encode(bytes, 'base64'), time FROM ${of("snapshots")}`,
      snapshotRecord,
      PAGE_SNAPSHOTS,
    ),
    part(`SELECT name, position FROM ${of("checkpoints")}`, ([name, place]) => ({
      kind: "checkpoint",
      name: name as string,
      position: Number(place) as Position,
    })),
    part(`SELECT name, owner, fence, until FROM ${of("leases")}`, ([name, owner, fence, until]) => ({
      kind: "lease",
      name: name as string,
      owner: owner ?? null,
      fence: Number(fence),
      untilMs: Number(until),
    })),
    part(`SELECT name, definition, next FROM ${of("consumer_groups")}`, ([name, definition, next]) => ({
      kind: "group",
      name: name as string,
      definition: JSON.parse(definition as string) as GroupDefinition,
      next: Number(next),
    })),
    part(
      `SELECT g.name, e.position, e.attempts, ${ENTRY_STATE_COLUMNS} FROM ${of("group_entries")} e JOIN ${of("consumer_groups")} g ON g.id = e.group_id ` +
        "ORDER BY e.group_id, e.position",
      ([group, place, attempts, ...state]) => ({
        kind: "entry",
        group: group as string,
        position: Number(place) as Position,
        attempts: Number(attempts),
        state: entryState(state),
      }),
    ),
  ];
}

/** Streams that have events, and those of which something else is kept. */
function streamsQuery(of: Names["of"]): string {
  return (
    "SELECT name, greatest(coalesce(e.version, -1), coalesce(s.known_version, -1)), coalesce(s.deleted_before, 0), coalesce(s.is_tombstoned, false), s.metadata " +
    `FROM (SELECT stream AS name, max(version) AS version FROM ${of("events")} GROUP BY stream) e FULL JOIN ${of("streams")} s USING (name)`
  );
}

function streamRecord([stream, last, deletedBefore, isTombstoned, metadata]: TextRow): StoreRecord {
  return {
    kind: "stream",
    stream: stream as string,
    lastVersion: Number(last) < 0 ? null : version(Number(last)),
    deletedBefore: Number(deletedBefore),
    isTombstoned: isTombstoned === "t",
    metadata: JSON.parse(metadata ?? "{}") as StreamMetadata,
  };
}

function snapshotRecord([name, snapshotVersion, schemaVersion, hash, contentType, data, bytes, time]: TextRow): SnapshotRecord {
  const content = contentOf(data, bytes);
  return {
    kind: "snapshot",
    name: name as string,
    version: Number(snapshotVersion),
    schemaVersion: Number(schemaVersion),
    hash: hash as string,
    contentType: contentType as string,
    data: typeof content === "string" ? content : { base64: Buffer.from(content).toString("base64") },
    timeMs: Number(time),
  };
}
