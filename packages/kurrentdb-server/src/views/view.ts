import type { EventStore, ReadSource, RecordedEvent, RecordedEventFields } from "@reactive-domain/persistence";
import type { ReadEntry } from "../wire/encode-read-event.ts";

/** What clients read under a name, or as the whole log: where it comes from, and how they see it. */
export interface View {
  /** The name that clients give; `undefined` for the whole log. */
  readonly name: string | undefined;
  readonly source: ReadSource;
  /** What a revision of this view is: the version of an event in its stream, or its position in the log. */
  readonly revision: "version" | "position";
  /** The stream that must not be tombstoned, where there is one. */
  readonly tombstoneOf: string | undefined;
  /** How an event is seen; `undefined` where it is not. */
  show(event: RecordedEvent): SeenEvent | undefined;
  /** What a read shows where that is not what the source has, one event at most. */
  readonly onlyEntry?: (store: EventStore, signal: AbortSignal) => Promise<ReadEntry | undefined>;
}

/** An event as a client sees it. */
export interface SeenEvent {
  readonly event: RecordedEventFields;
  /** The event that it links to, where that is at hand. */
  readonly target?: RecordedEvent;
}
