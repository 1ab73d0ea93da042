import { position, type Position } from "@reactive-domain/core";
import type { CheckpointStatus, CopyProgress, EventCount, GroupProgress, StoreStatus } from "@reactive-domain/persistence";
import { EntryState } from "@reactive-domain/persistence/adapter";
import { checkServer } from "../check-server.ts";
import type { TextRow } from "../database.ts";
import { headOf } from "../schema/parts.ts";
import { MIGRATIONS } from "../schema/migrations.ts";
import { atOneMoment, type MaintenanceSession } from "./maintenance-session.ts";
import { partSizes, storeBytes } from "./store-sizes.ts";

/** More than these are not counted one by one. */
const MAX_COUNTED_EVENTS = 1_000_000;
const { parked, claimed } = EntryState;

/** Tells what there is, as of one moment. Its cost grows with the streams, not with their events. */
export async function readStatus(session: MaintenanceSession, { sizes = false }: { readonly sizes?: boolean }): Promise<StoreStatus> {
  const { client, names, query, schemaVersion, store } = session;
  const { of } = names;
  const durability = await checkServer(client, store);
  return atOneMoment(session, async () => {
    const [log] = await query(`SELECT coalesce(${headOf(of)}, -1), epoch, copy FROM ${of("log")} WHERE one`);
    const [last, epoch, copy] = log ?? [];
    const head = Number(last ?? -1) < 0 ? null : position(Number(last));
    const events = await countEvents(session, head);
    const eventBytes = await numberOf(session, "SELECT pg_total_relation_size($1::text::regclass)", [of("events")]);
    return {
      location: store,
      durability,
      epoch: epoch ?? "",
      schema: { version: schemaVersion, newest: MIGRATIONS.length },
      size: { bytes: await storeBytes(session), logBytes: null, freeBytes: null },
      head,
      events,
      bytesPerEvent: events.count === 0 ? null : Math.round(eventBytes / events.count),
      streams: await countStreams(session),
      snapshots: await numberOf(session, `SELECT count(*) FROM ${of("snapshots")}`),
      checkpoints: await checkpointsOf(session, head),
      groups: await groupsOf(session, head),
      copy: copy === null || copy === undefined ? null : (JSON.parse(copy) as CopyProgress),
      sizes: sizes ? await partSizes(session) : null,
    };
  });
}

/** Where nothing was ever removed every position has its event: who removes notes it with the stream. */
async function countEvents(session: MaintenanceSession, head: Position | null): Promise<EventCount> {
  const { of } = session.names;
  const given = head === null ? 0 : head + 1;
  const [holes] = await session.query(`SELECT EXISTS (SELECT 1 FROM ${of("streams")} WHERE known_version >= 0)`);
  if (holes?.[0] !== "t") return { count: given, isExact: true };
  const counted = await numberOf(session, `SELECT count(*) FROM (SELECT 1 FROM ${of("events")} LIMIT ${MAX_COUNTED_EVENTS + 1}) e`);
  return counted <= MAX_COUNTED_EVENTS ? { count: counted, isExact: true } : { count: given, isExact: false };
}

/** From stream to stream in the index, one look for each, and those that have no events. */
function countStreams(session: MaintenanceSession): Promise<number> {
  const { of } = session.names;
  return numberOf(
    session,
    `WITH RECURSIVE s (stream) AS (
        (SELECT stream FROM ${of("events")} ORDER BY stream LIMIT 1)
        UNION ALL
        SELECT (SELECT e.stream FROM ${of("events")} e WHERE e.stream > s.stream ORDER BY e.stream LIMIT 1) FROM s WHERE s.stream IS NOT NULL
      )
      SELECT (SELECT count(stream) FROM s)
        + (SELECT count(*) FROM ${of("streams")} n WHERE NOT EXISTS (SELECT 1 FROM ${of("events")} e WHERE e.stream = n.name))`,
  );
}

async function checkpointsOf({ names, query }: MaintenanceSession, head: Position | null): Promise<readonly CheckpointStatus[]> {
  const rows = await query(`SELECT name, position FROM ${names.of("checkpoints")} ORDER BY name`);
  return rows.map(([name, place]) => ({ name: name as string, position: position(Number(place)), lag: (head ?? -1) - Number(place) }));
}

async function groupsOf({ names, query }: MaintenanceSession, head: Position | null): Promise<readonly GroupProgress[]> {
  const rows = await query(
    `SELECT g.name, g.next, count(n.state) FILTER (WHERE n.state < ${claimed}), count(n.state) FILTER (WHERE n.state = ${claimed}),
        count(n.state) FILTER (WHERE n.state = ${parked})
      FROM ${names.of("consumer_groups")} g LEFT JOIN ${names.of("group_entries")} n ON n.group_id = g.id GROUP BY g.id ORDER BY g.name`,
  );
  return rows.map((row: TextRow) => {
    const [next, waiting, underWay, givenUp] = row.slice(1).map(Number) as [number, number, number, number];
    return { name: row[0] as string, lag: (head ?? -1) + 1 - next, waiting, claimed: underWay, parked: givenUp };
  });
}

async function numberOf({ query }: MaintenanceSession, text: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await query(text, values);
  return Number(row?.[0]);
}
