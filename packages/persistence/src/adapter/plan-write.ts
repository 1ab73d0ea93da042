import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import { EventAlreadyRecorded, WrongExpectedVersion } from "../errors.ts";
import type { AppendItem, StreamResult, WriteItem, WriteResult } from "../write.ts";

/** Where an event was recorded. */
export interface EventPlace {
  readonly version: Version;
  readonly position: Position;
}

/** What has to be known of a store to decide about a write. */
export interface StoreView {
  /** The version of a stream's last event; `null` when it does not exist. */
  lastVersion(stream: string): Version | null;
  /** Where a stream has the event with this id. */
  find(stream: string, eventId: string): EventPlace | undefined;
}

/**
 * Decides about a write: the outcome of the first time when all of its events are recorded already, or `undefined` when it is to be carried out.
 *
 * Errors: `event-already-recorded`, `wrong-expected-version`.
 */
export function planWrite(items: readonly WriteItem[], view: StoreView): WriteResult | undefined {
  const places = items.map((item) => item.events.map((event) => view.find(item.stream, event.id)));
  const repeated = places.map((found) => lastOfRun(found));
  if (repeated.every((place) => place !== undefined)) {
    const streams = repeated.map(({ version, position }, index) => ({ stream: (items[index] as AppendItem).stream, version, position }));
    return { position: lastPosition(streams), streams, repeated: true };
  }
  items.forEach((item, index) => {
    refuseOverlap(item, places[index] ?? []);
    refuseConflict(item.stream, item.expectedVersion, view.lastVersion(item.stream));
  });
  return undefined;
}

/** The highest position of several outcomes, of which there is at least one. */
export function lastPosition(streams: readonly StreamResult[]): Position {
  return streams.reduce((last, { position }) => (position > last ? position : last), (streams[0] as StreamResult).position);
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

function refuseConflict(stream: string, expected: ExpectedVersion, actual: Version | null): void {
  const fits =
    expected === "any" || (expected === "noStream" ? actual === null : expected === "exists" ? actual !== null : expected === actual);
  if (!fits) throw new WrongExpectedVersion(stream, expected, actual);
}
