import { derivedId, position, version, type Position } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type EventStore, type RecordedEvent } from "@reactive-domain/persistence";
import { describedStream, METADATA_TYPE, metadataStreamOf, STREAM_DELETED_TYPE } from "../metadata/described-stream.ts";
import type { ReadEntry } from "../wire/encode-read-event.ts";
import { heldMetadata } from "./held-metadata.ts";
import type { View } from "./view.ts";

/** What is said about a stream: a read shows what holds, whoever said it; who follows gets the events. */
export function metadataView(stream: string): View {
  const name = metadataStreamOf(stream);
  return {
    name,
    source: { stream: name },
    revision: "version",
    tombstoneOf: stream,
    show: (event) => (event.type === STREAM_DELETED_TYPE ? undefined : { event }),
    onlyEntry: (store, signal) => entryOf(store, stream, signal),
  };
}

async function entryOf(store: EventStore, stream: string, signal: AbortSignal): Promise<ReadEntry | undefined> {
  const name = metadataStreamOf(stream);
  const { last } = await endOf(store, { stream: name }, signal);
  const told = typeof last?.data === "string" ? last.data : undefined;
  // Behind the event: who writes what this read shows, expecting the event that it shows, overwrites nothing that it has not seen.
  const held = heldMetadata(await store.streamInfo(stream, { signal }), told);
  if (last !== undefined) return { event: held === undefined || held === told ? last : { ...last.toJSON(), data: held } };
  // What is said about a stream of metadata is the server's own word.
  if (held === undefined || describedStream(stream) !== undefined) return undefined;
  const { head } = await endOf(store, { all: true }, signal);
  return { event: madeUp(name, held, head) };
}

async function endOf(
  store: EventStore,
  source: { readonly stream: string } | { readonly all: true },
  signal: AbortSignal,
): Promise<{ readonly last: RecordedEvent | undefined; readonly head: Position | null }> {
  for await (const { events, head } of store.read(source, { direction: "backwards", limit: 1, signal }).batches())
    return { last: events[0], head };
  return { last: undefined, head: null };
}

/** The event that a client would have written, of what was said in process. */
function madeUp(stream: string, data: string, head: Position | null): ReadEntry["event"] {
  return {
    id: derivedId(data, stream, 0),
    type: METADATA_TYPE,
    schemaVersion: 1,
    contentType: JSON_CONTENT_TYPE,
    data,
    metadata: "{}",
    stream,
    version: version(0),
    position: head ?? position(0),
    time: new Date(0),
  };
}
