import type { Position, Version } from "@reactive-domain/core";
import type { RecordedEvent } from "./recorded-event.ts";
import type { Snapshot } from "./snapshot.ts";

/** One stream, in the order of versions. */
export interface StreamSource {
  readonly stream: string;
}
/** All streams of a category, in the order of the log. */
export interface CategorySource {
  readonly category: string;
}
/** All events of a type, in the order of the log. */
export interface EventTypeSource {
  readonly eventType: string;
}
/** The whole log. */
export interface AllSource {
  readonly all: true;
}

/** What is read or subscribed to. */
export type ReadSource = StreamSource | CategorySource | EventTypeSource | AllSource;

/** How places in a source are counted: versions in a stream, positions elsewhere. */
export type CursorOf<S extends ReadSource> = S extends StreamSource ? Version : Position;

/** Everything behind a place, seen in the direction of reading. */
export interface After<C> {
  readonly after: C;
}
/** A place itself, and everything behind it. */
export interface At<C> {
  readonly at: C;
}

/** Starts behind the place of the last event that was handled. */
export function after<C extends Version | Position>(cursor: C): After<C> {
  return { after: cursor };
}

/** Starts with the event at a place. */
export function at<C extends Version | Position>(cursor: C): At<C> {
  return { at: cursor };
}

/** Leaves events out, in the store. Conditions are joined by "and". */
export interface EventFilter {
  /** Only these types. */
  readonly types?: readonly string[];
  /** Only streams of these categories. */
  readonly categories?: readonly string[];
  /** Only streams whose name begins so. */
  readonly streamPrefix?: string;
  /** Only events of one chain: those whose metadata has this `correlationId`. */
  readonly correlationId?: string;
}

/** Where a read ends: with a place, or with the last event that was committed by then. */
export type UpTo = { readonly version: Version } | { readonly position: Position } | { readonly time: Date };

/** Begins a read behind the snapshot of the stream's name. */
export interface SnapshotStart {
  /** A snapshot of another schema version is passed over. From 1. */
  readonly schemaVersion: number;
  /** The id of an event: where it is in the stream, at or before the snapshot's version, the snapshot is passed over, so that its reader sees that event. */
  readonly unlessRecorded?: string;
}

/** Who calls, for wrappers that authorise, audit or shard. */
export interface CallContext {
  readonly actor?: string;
  readonly tenant?: string;
}

/** What every call to a store takes. */
export interface CallOptions {
  /** Ends waiting and reading early: the call rejects with the signal's reason, also while the store is at work on it. A write that is already being committed is not undone, and is waited for. */
  readonly signal?: AbortSignal;
  readonly context?: CallContext;
}

export type Direction = "forwards" | "backwards";

export interface ReadOptions<C extends Version | Position = Version | Position> extends CallOptions {
  /** Default: `start` forwards, `end` backwards. */
  readonly from?: "start" | "end" | After<C> | At<C>;
  /** Default `forwards`. */
  readonly direction?: Direction;
  /** Leaves out what lies behind, whichever way is read: behind a version (of a stream), a position, or a time of commit. Times never go back along the log. */
  readonly upTo?: UpTo;
  /** The most events to read, from 1. Default: all. */
  readonly limit?: number;
  readonly filter?: EventFilter;
  /**
   * Of a stream that is read forwards from its start, unfiltered: begins behind the snapshot of the stream's name, which the first batch then has; event by event it is
   * not told. It is used where it is of the schema version that is asked for, the stream exists, and its version is neither behind the stream's last one nor behind an
   * `upTo` by version; with another `upTo` it is not used. Otherwise, and in a store that does not begin so, the read is as without this option.
   */
  readonly snapshot?: SnapshotStart;
  /** The most events in a batch, 1 to 10,000. Default 250, or what suits the store. */
  readonly maxBatchEvents?: number;
  /** A batch ends before its events, data and metadata, exceed so many bytes; one event it always has. From 1. Default 4 MiB. */
  readonly maxBatchBytes?: number;
}

/** Some events, and what the store knew when it read them. */
export interface EventBatch {
  readonly events: readonly RecordedEvent[];
  /** The cursor at which reading on would start; `null` where a backward read has passed the first event. */
  readonly next: number | null;
  /** Whether there was nothing further when this was read. */
  readonly isEnd: boolean;
  /** The position of the last event in the log when this was read; `null` while the log is empty. */
  readonly head: Position | null;
  /** For a stream: the version of its last event, or `null` when it does not exist. `undefined` for other sources. */
  readonly lastVersion: Version | null | undefined;
  /** The snapshot that the read begins behind, of the same moment as the rest: in its first batch only, where one was asked for and is used. */
  readonly snapshot?: Snapshot;
}

/**
 * A read that runs while it is iterated, page by page, each page as it was when it was fetched. Iterate it event by event, or by batches, which is faster.
 * A stream that does not exist gives no events; `batches()` always gives at least one batch, which tells.
 */
export interface EventRead extends AsyncIterable<RecordedEvent> {
  batches(): AsyncIterable<EventBatch>;
}
