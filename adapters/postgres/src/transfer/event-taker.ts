import { JSON_CONTENT_TYPE, TransferRefused, type RecordedEventFields } from "@reactive-domain/persistence";
import { byteaArray, int8Array, textArray, uuidArray } from "../binary-arrays.ts";
import { contentColumns } from "../content.ts";
import { run } from "../database.ts";
import { EVENT_BYTES, notedBytes } from "../schema/parts.ts";
import type { TakingPlace } from "./taking.ts";

/** Takes over events of another store, at the places that they have there. Errors: `transfer-refused`; then the transaction is to be undone. */
export async function takeEvents(events: readonly RecordedEventFields[], place: TakingPlace): Promise<void> {
  const { client, names } = place;
  await refuseStale(events, place);
  const last = events.at(-1);
  if (last !== undefined) await run(client, `SELECT ${names.of("add_partitions")}($1)`, [last.position]);
  const contents = events.map(({ data }) => contentColumns(data));
  await run(
    client,
    `WITH taken AS (INSERT INTO ${names.of("events")} (position, version, time, schema_version, id, stream, category, type, content_type, metadata, data, bytes)
      SELECT position, version, time, schema_version, id, stream, split_part(stream, '-', 1), type, content_type, metadata, data, bytes
      FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bytea[])
        e (position, version, time, schema_version, id, stream, type, content_type, metadata, data, bytes) RETURNING ${EVENT_BYTES} AS size)
      UPDATE ${names.of("log")} SET max_event_bytes = ${notedBytes("size")} FROM (SELECT max(size) AS size FROM taken) t WHERE one AND size > max_event_bytes`,
    [
      int8Array(events.map(({ position }) => position)),
      int8Array(events.map(({ version }) => version)),
      int8Array(events.map(({ time }) => time.getTime())),
      int8Array(events.map(({ schemaVersion }) => schemaVersion)),
      uuidArray(events.map(({ id }) => id)),
      textArray(events.map(({ stream }) => stream)),
      textArray(events.map(({ type }) => type)),
      textArray(events.map(({ contentType }) => (contentType === JSON_CONTENT_TYPE ? null : contentType))),
      textArray(events.map(({ metadata }) => metadata)),
      textArray(contents.map(({ data }) => data)),
      byteaArray(contents.map(({ bytes }) => bytes)),
    ],
  );
}

/** What is taken lies behind what is there, in time and in each stream. */
async function refuseStale(events: readonly RecordedEventFields[], { client, names, store }: TakingPlace): Promise<void> {
  const refused = (problem: string): TransferRefused => new TransferRefused(store, problem, "Take an empty store");
  const [last] = await run(client, `SELECT time FROM ${names.of("events")} ORDER BY position DESC LIMIT 1`);
  const [first] = events;
  if (first !== undefined && last !== undefined && first.time.getTime() < Number(last[0]))
    throw refused("has events that were committed later");
  const streams = [...new Set(events.map(({ stream }) => stream))];
  const known = await run(
    client,
    `SELECT u.name, (SELECT max(version) FROM ${names.of("events")} WHERE stream = u.name COLLATE "C") FROM unnest($1::text[]) u (name)`,
    [textArray(streams)],
  );
  const versions = new Map(known.map(([name, version]) => [name as string, version === null ? -1 : Number(version)]));
  for (const { stream, version } of events) {
    if (version <= (versions.get(stream) ?? -1)) throw refused(`has version ${version} of ${stream} already`);
    versions.set(stream, version);
  }
}
