import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import { EventAlreadyRecorded, StreamTombstoned, WrongExpectedVersion } from "../errors.ts";
import type { StreamState } from "../stream-metadata.ts";
import type { AppendItem, DeleteItem, ExpectItem, StreamResult, TombstoneItem, WriteItem, WriteResult } from "../write.ts";

/** Where an event was recorded. */
export interface EventPlace {
  readonly version: Version;
  readonly position: Position;
}

/** A stream as a writer finds it. */
export interface StreamHead {
  readonly state: StreamState;
  /** The version of the last event ever written to it; `null` when there never was one. */
  readonly lastVersion: Version | null;
}

/** What has to be known of the streams of a store to decide about a write. */
export interface StoreView {
  head(stream: string): StreamHead;
  /** Where a stream has the event with this id. */
  find(stream: string, eventId: string): EventPlace | undefined;
}

type StreamItem = AppendItem | DeleteItem | TombstoneItem | ExpectItem;

/**
 * Decides what a write does to streams, and whether those that it only looks at are as expected: the outcome of the first time when all of its events are recorded already, or `undefined` when it is to be carried out.
 *
 * Errors: `event-already-recorded`, `stream-tombstoned`, `wrong-expected-version`.
 */
export function planWrite(items: readonly WriteItem[], view: StoreView): WriteResult | undefined {
  const repeated = findRepetition(items, view);
  if (repeated !== undefined) return repeated;
  for (const item of items) if (isStreamItem(item)) refuseConflict(item, view.head(item.stream));
  return undefined;
}

/** The appends of a write. */
export function appendsOf(items: readonly WriteItem[]): readonly AppendItem[] {
  return items.filter((item) => item.kind === "append");
}

/** The highest position of several outcomes; `null` where there is none. */
export function lastPosition(streams: readonly StreamResult[]): Position | null {
  return streams.reduce<Position | null>((last, { position }) => (last === null || position > last ? position : last), null);
}

function isStreamItem(item: WriteItem): item is StreamItem {
  return item.kind === "append" || item.kind === "delete" || item.kind === "tombstone" || item.kind === "expect";
}

/** The first outcome of a write whose events are all recorded. Errors: `event-already-recorded` when only some are. */
function findRepetition(items: readonly WriteItem[], view: StoreView): WriteResult | undefined {
  if (!items.some((item) => hasRecorded(item, view))) return undefined;
  const appends = appendsOf(items).map((item) => ({ item, places: item.events.map(({ id }) => view.find(item.stream, id)) }));
  const streams = appends.flatMap(({ item: { stream }, places }) => {
    const last = lastOfRun(places);
    return last === undefined ? [] : { stream, version: last.version, position: last.position };
  });
  if (appends.length > 0 && streams.length === appends.length) return { position: lastPosition(streams), streams, repeated: true };
  for (const { item, places } of appends) refuseOverlap(item, places);
  return undefined;
}

/** Hardly any write is a repetition: whether one may be is found out at the least cost. */
function hasRecorded(item: WriteItem, view: StoreView): boolean {
  if (item.kind !== "append") return false;
  for (const { id } of item.events) if (view.find(item.stream, id) !== undefined) return true;
  return false;
}

/** The place of the last of several events when all were found, one after another. */
function lastOfRun(places: readonly (EventPlace | undefined)[]): EventPlace | undefined {
  const first = places[0]?.version;
  const isRun = first !== undefined && places.every((place, index) => place?.version === first + index);
  return isRun ? places.at(-1) : undefined;
}

function refuseOverlap({ stream, events }: AppendItem, places: readonly (EventPlace | undefined)[]): void {
  const index = places.findIndex((place) => place !== undefined);
  const [event, place] = [events[index], places[index]];
  if (event !== undefined && place !== undefined) throw new EventAlreadyRecorded(stream, event.id, place.version);
}

function refuseConflict({ kind, stream, expectedVersion }: StreamItem, { state, lastVersion }: StreamHead): void {
  if (state === "tombstoned" && kind === "tombstone") return;
  if (state === "tombstoned") throw new StreamTombstoned(stream);
  // A deleted stream is as good as none: who knew it before does not know it as it is.
  const actual = state === "live" ? lastVersion : null;
  if (!fits(expectedVersion, actual)) throw new WrongExpectedVersion(stream, expectedVersion, actual);
}

function fits(expected: ExpectedVersion, actual: Version | null): boolean {
  if (expected === "any") return true;
  if (expected === "noStream") return actual === null;
  return expected === "exists" ? actual !== null : expected === actual;
}
