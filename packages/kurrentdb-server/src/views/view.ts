import type { EventFilter, EventStore, ReadSource, RecordedEvent, RecordedEventFields } from "@reactive-domain/persistence";
import type { SystemProjection } from "../projections/system-projections.ts";
import type { ReadEntry } from "../wire/encode-read-event.ts";

/** What clients read under a name, or as the whole log: where it comes from, and how they see it. */
export interface View {
  /** The name that clients give; `undefined` for the whole log. */
  readonly name: string | undefined;
  readonly source: ReadSource;
  /** What the store leaves out of the source. */
  readonly filter?: EventFilter;
  /** What a revision of this view is: the version of an event in its stream, or its position in the log. */
  readonly revision: "version" | "position";
  /** The stream that must not be tombstoned, where there is one. */
  readonly tombstoneOf: string | undefined;
  /** What makes the view: where that has stopped, the view ends. */
  readonly projection?: SystemProjection;
  /** Whether many events that the store gives are not seen. */
  readonly isSparse?: boolean;
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
