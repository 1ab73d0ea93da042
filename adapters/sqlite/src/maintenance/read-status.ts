import { position, type Position } from "@reactive-domain/core";
import type {
  CheckpointStatus,
  CopyProgress,
  EventCount,
  GroupProgress,
  PartSize,
  StoreSize,
  StoreStatus,
} from "@reactive-domain/persistence";
import { EntryState } from "@reactive-domain/persistence/adapter";
import { durabilityText } from "../durability.ts";
import { MIGRATIONS } from "../migrations/migrate.ts";
import { headIn, SINCE } from "./any-schema.ts";
import { atOneMoment, type FileSession } from "./file-session.ts";
import { bytesOfFile, bytesOfLog, pagesOf, type Pages } from "./file-size.ts";

/** More than these are not counted one by one. */
const MAX_COUNTED_EVENTS = 1_000_000;
const { parked, claimed } = EntryState;

/** Tells what there is, as of one moment. Its cost does not grow with the events, unless sizes are asked for. */
export async function readStatus(session: FileSession, { sizes = false }: { readonly sizes?: boolean }): Promise<StoreStatus> {
  const { file, sql, schemaVersion } = session;
  await sql.all("PRAGMA synchronous = FULL");
  const durability = durabilityText(await sql.value("PRAGMA journal_mode"), await sql.value("PRAGMA synchronous"));
  return atOneMoment(session, async () => {
    const head = await sql.value<Position | null>(`SELECT ${headIn(schemaVersion)}`);
    const pages = await pagesOf(sql);
    const events = await countEvents(session, head);
    return {
      location: file.name,
      durability,
      epoch: await sql.value<string>("SELECT epoch FROM log"),
      schema: { version: schemaVersion, newest: MIGRATIONS.length },
      size: sizeOf(file.path, pages),
      head,
      events,
      bytesPerEvent: events.count === 0 ? null : Math.round(pages.used / events.count),
      // Streams are never removed, and their numbers are given one after another.
      streams: await sql.value<number>("SELECT ifnull(max(id), 0) FROM streams"),
      snapshots: schemaVersion < SINCE.progress ? 0 : await sql.value<number>("SELECT count(*) FROM snapshots"),
      checkpoints: schemaVersion < SINCE.progress ? [] : await checkpointsOf(session, head),
      groups: schemaVersion < SINCE.groups ? [] : await groupsOf(session, head),
      copy: schemaVersion < SINCE.transfer ? null : await copyOf(session),
      sizes: sizes ? await partSizes(session) : null,
    };
  });
}

function sizeOf(path: string, { free }: Pages): StoreSize {
  return { bytes: bytesOfFile(path), logBytes: bytesOfLog(path), freeBytes: free };
}

/** Where nothing was ever hidden nothing was removed: every position has its event. */
async function countEvents({ sql, schemaVersion }: FileSession, head: Position | null): Promise<EventCount> {
  const given = head === null ? 0 : head + 1;
  const mayHaveHoles =
    schemaVersion >= SINCE.scavenge &&
    (await sql.value<number>("SELECT EXISTS (SELECT 1 FROM streams WHERE deleted_before > 0 OR metadata IS NOT NULL)")) === 1;
  if (!mayHaveHoles) return { count: given, isExact: true };
  const counted = await sql.value<number>(`SELECT count(*) FROM (SELECT 1 FROM events LIMIT ${MAX_COUNTED_EVENTS + 1})`);
  return counted <= MAX_COUNTED_EVENTS ? { count: counted, isExact: true } : { count: given, isExact: false };
}

async function checkpointsOf({ sql }: FileSession, head: Position | null): Promise<readonly CheckpointStatus[]> {
  const rows = await sql.all<{ readonly name: string; readonly position: number }>("SELECT name, position FROM checkpoints ORDER BY name");
  return rows.map((row) => ({ name: row.name, position: position(row.position), lag: (head ?? -1) - row.position }));
}

async function groupsOf({ sql }: FileSession, head: Position | null): Promise<readonly GroupProgress[]> {
  return sql.all<GroupProgress>(
    `SELECT name, ? - next AS lag, count(state) FILTER (WHERE state < ${claimed}) AS waiting, ` +
      `count(state) FILTER (WHERE state = ${claimed}) AS claimed, count(state) FILTER (WHERE state = ${parked}) AS parked ` +
      "FROM consumer_groups LEFT JOIN group_entries ON group_id = id GROUP BY id ORDER BY name",
    (head ?? -1) + 1,
  );
}

async function copyOf({ sql }: FileSession): Promise<CopyProgress | null> {
  const copy = await sql.value<string | null | undefined>("SELECT copy FROM log");
  return copy === null || copy === undefined ? null : (JSON.parse(copy) as CopyProgress);
}

/** `null` where SQLite was built without the table that tells. */
async function partSizes({ sql }: FileSession): Promise<readonly PartSize[] | null> {
  const isTold = await sql.value<number>("SELECT sqlite_compileoption_used('ENABLE_DBSTAT_VTAB')");
  if (isTold !== 1) return null;
  return sql.all<PartSize>("SELECT name, pgsize AS bytes FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC, name");
}
