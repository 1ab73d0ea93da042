import type { Position, Version } from "@reactive-domain/core";
import type { RecordedEvent } from "./recorded-event.ts";
import type { After, CallOptions, EventFilter } from "./read.ts";

export interface SubscribeOptions<C extends Version | Position = Version | Position> extends CallOptions {
  /** Where to begin: with the first event, with the next that is written, or behind the last that was handled. Default `start`. */
  readonly from?: "start" | "end" | After<C>;
  readonly filter?: EventFilter;
  /** The most events in a batch, 1 to 10,000. Default 250, or what suits the store. */
  readonly maxBatchEvents?: number;
  /** A batch ends before its events, data and metadata, exceed so many bytes; one event it always has. From 1. Default 4 MiB. */
  readonly maxBatchBytes?: number;
}

/** Events, in order. The list is empty where the log has grown by events that the subscription does not select. */
export interface EventsArrived {
  readonly kind: "events";
  readonly events: readonly RecordedEvent[];
  /** Everything selected up to this position has been delivered with or before this message; `null` while the log is empty. */
  readonly upTo: Position | null;
}

/** All events that were in the log when the subscription began have been delivered. Comes once. */
export interface BecameLive {
  readonly kind: "live";
  /** Everything selected up to this position has been delivered before this message; `null` while the log is empty. */
  readonly upTo: Position | null;
}

export type SubscriptionMessage = EventsArrived | BecameLive;

/** Why a subscription ended: its user closed it, its signal was aborted, the store was closed, or reading failed. */
export interface SubscriptionDrop {
  readonly reason: "closed" | "aborted" | "store-closed" | "failed";
  /** What the iteration throws; `undefined` after `closed`. */
  readonly error: unknown;
}

/**
 * History, one live signal, then new events as they are committed, without loss or repetition in between. Messages are fetched when they are asked for:
 * a slow reader costs one batch of memory and misses nothing.
 *
 * It can be iterated once. The iteration ends after {@link close}; it throws the signal's reason after an abort, `already-closed` when the store closes,
 * `ahead-of-log` when it was to begin behind a position that the log has not reached, and the store's error when reading fails.
 */
export interface Subscription extends AsyncIterableIterator<SubscriptionMessage>, AsyncDisposable {
  /** Resolves when the subscription has ended, and tells why; it never rejects. One that nobody iterates ends only by `close`, its signal or its store. */
  readonly dropped: Promise<SubscriptionDrop>;
  /** The events alone, one by one; the same iteration by another face. Costs more than batches do. */
  events(): AsyncIterableIterator<RecordedEvent>;
  /** Ends the subscription. Nothing more arrives; a pending wait ends at once. */
  close(): Promise<void>;
}
