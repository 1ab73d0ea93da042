import type { Position } from "@reactive-domain/core";
import { at, type ProjectionEntry, type RecordedEvent } from "@reactive-domain/persistence";
import type { EventFeed } from "../listeners/event-feed.ts";

/** An event that was given up, or that waits behind one, and stays so until it is replayed. */
export interface ParkedEvent {
  readonly position: Position;
  /** What its handling changes: of documents the key of the item. */
  readonly key: string;
  /** `waiting`: behind a parked one of its key. */
  readonly state: "parked" | "waiting" | "replay" | "failing";
  readonly attempts: number;
  readonly error: string;
  readonly since: Date;
  /** The event as it is in the log; `undefined` where it was scavenged. */
  readonly event: RecordedEvent | undefined;
}

/** Entries with their events, as they are read from the log. Errors: those of the store. */
export async function withEvents(
  entries: readonly ProjectionEntry[],
  feed: EventFeed,
  signal?: AbortSignal,
): Promise<readonly ParkedEvent[]> {
  const events: ParkedEvent[] = [];
  for (const { position, key, state, attempts, error, since } of entries)
    if (state !== "trial") events.push({ position, key, state, attempts, error, since, event: await eventAt(feed, position, signal) });
  return events;
}

/** The event of a position; nothing where it is not in the log any more. Errors: those of the store. */
export async function eventAt({ store }: EventFeed, position: Position, signal?: AbortSignal): Promise<RecordedEvent | undefined> {
  const options = { from: at(position), limit: 1, ...(signal === undefined ? {} : { signal }) };
  for await (const event of store.read({ all: true }, options)) return event.position === position ? event : undefined;
  return undefined;
}
