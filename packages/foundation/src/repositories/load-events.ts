import { derivedId, type EventSource, type Position, type Version } from "@reactive-domain/core";
import type { EventBase } from "@reactive-domain/messaging";
import type { CallOptions, EventSerializer, EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { CommandAlreadyApplied, VersionNotReached } from "./errors.ts";

/** What loading and saving need of a connected context. */
export interface StoreAccess {
  readonly store: EventStore;
  readonly serializer: EventSerializer;
}

/** When: behind the event of this version, or at this time, by the times at which events were committed. */
export type AsOf = { readonly version: Version } | { readonly time: Date };

/** How an aggregate is loaded. */
export interface GetOptions extends CallOptions {
  /** As it was then. What is raised on it meets a conflict when it is saved, if anything happened since. Default: as it is now. */
  readonly asOf?: AsOf;
}

interface LoadOptions extends GetOptions {
  /** The id of the message that the aggregate is loaded for. */
  readonly sourceId?: string;
}

/**
 * Folds a stream into a new event source; returns whether the stream exists, and did at the time that is asked for.
 *
 * Errors: `version-not-reached`; `command-already-applied` when events of the message `sourceId` are in the stream; `corrupt-event`, `unknown-event-type`, those of the
 * store.
 */
export async function loadEvents(
  access: StoreAccess,
  source: EventSource<EventBase>,
  stream: string,
  { sourceId, asOf, ...options }: LoadOptions = {},
): Promise<boolean> {
  const watch = sourceId === undefined ? undefined : new AppliedWatch(sourceId, stream);
  let found = false;
  for await (const { events, lastVersion } of access.store
    .read({ stream }, asOf === undefined ? options : { ...options, upTo: asOf })
    .batches()) {
    if (asOf !== undefined && "version" in asOf && typeof lastVersion === "number" && lastVersion < asOf.version)
      throw new VersionNotReached(stream, asOf.version, lastVersion);
    const last = events.at(-1);
    if (last === undefined) break;
    watch?.see(events);
    const messages = await deserializeAll(access.serializer, events);
    if (found) source.updateWithEvents(messages, last.version);
    else source.restoreFromEvents(messages, last.version);
    found = true;
  }
  watch?.refuseApplied();
  return found;
}

/** The messages of recorded events; waits only where the serializer does. */
async function deserializeAll(serializer: EventSerializer, events: readonly RecordedEvent[]): Promise<readonly EventBase[]> {
  const messages: EventBase[] = [];
  for (const event of events) {
    const made = serializer.deserialize(event);
    for (const message of made instanceof Promise ? await made : made) messages.push(message);
  }
  return messages;
}

/** Recognises the events that one message led to in a stream, by their derived ids. */
class AppliedWatch {
  readonly #sourceId: string;
  readonly #stream: string;
  #awaitedId: string;
  #count = 0;
  #place: { readonly version: Version; readonly position: Position } | undefined;

  constructor(sourceId: string, stream: string) {
    this.#sourceId = sourceId;
    this.#stream = stream;
    this.#awaitedId = derivedId(sourceId, stream, 0);
  }

  see(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      if (event.id !== this.#awaitedId) continue;
      this.#place = event;
      this.#awaitedId = derivedId(this.#sourceId, this.#stream, ++this.#count);
    }
  }

  refuseApplied(): void {
    if (this.#place !== undefined) throw new CommandAlreadyApplied(this.#sourceId, this.#stream, this.#place);
  }
}
