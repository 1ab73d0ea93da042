import { derivedId, position, version, type JsonObject } from "@reactive-domain/core";
import {
  JSON_CONTENT_TYPE,
  type EventStore,
  type RecordedEvent,
  type RecordedEventFields,
  type StreamInfo,
} from "@reactive-domain/persistence";
import { isDeepStrictEqual } from "node:util";
import type { ReadEntry } from "../wire/encode-read-event.ts";
import { metadataText, saidOf } from "./said-metadata.ts";
import { METADATA_PREFIX, METADATA_TYPE, TOMBSTONE_TYPE } from "./system-names.ts";
import type { View } from "./view.ts";

/** What is said about a stream: a read shows what holds, whoever said it; who follows gets the events. */
export function metadataView(stream: string): View {
  const name = METADATA_PREFIX + stream;
  return {
    name,
    source: { stream: name },
    revision: "version",
    tombstoneOf: stream,
    show: (event) => (event.type === TOMBSTONE_TYPE ? undefined : { event }),
    onlyEntry: (store, signal) => entryOf(store, stream, signal),
  };
}

async function entryOf(store: EventStore, stream: string, signal: AbortSignal): Promise<ReadEntry | undefined> {
  const name = METADATA_PREFIX + stream;
  const isSaidOfMetadata = stream.startsWith(METADATA_PREFIX);
  const [last] = await eventsOf(store, name, signal);
  const said = saidOf(await store.streamInfo(stream, { signal }), jsonOf(last));
  if (last === undefined)
    return said === undefined || isSaidOfMetadata ? undefined : { event: await madeUp(store, { name, said }, signal) };
  return { event: isDeepStrictEqual(jsonOf(last), said ?? {}) ? last : { ...last.toJSON(), data: metadataText(said ?? {}) } };
}

async function eventsOf(store: EventStore, stream: string, signal: AbortSignal): Promise<readonly RecordedEvent[]> {
  for await (const { events } of store.read({ stream }, { direction: "backwards", limit: 1, signal }).batches()) return events;
  return [];
}

function jsonOf(event: RecordedEvent | undefined): JsonObject | undefined {
  if (event === undefined || typeof event.data !== "string") return undefined;
  try {
    return JSON.parse(event.data) as JsonObject;
  } catch {
    return undefined;
  }
}

/** The event that a client would have written, of what was said in process. */
async function madeUp(
  store: EventStore,
  { name, said }: { readonly name: string; readonly said: JsonObject },
  signal: AbortSignal,
): Promise<RecordedEventFields> {
  const head = await headOf(store, signal);
  const data = metadataText(said);
  return {
    id: derivedId(data, name, 0),
    type: METADATA_TYPE,
    schemaVersion: 1,
    contentType: JSON_CONTENT_TYPE,
    data,
    metadata: "{}",
    stream: name,
    version: version(0),
    position: position(head ?? 0),
    time: new Date(0),
  };
}

async function headOf(store: EventStore, signal: AbortSignal): Promise<StreamInfo["lastVersion"] | number> {
  for await (const { head } of store.read({ all: true }, { direction: "backwards", limit: 1, signal }).batches()) return head;
  return null;
}
