import type { Position } from "@reactive-domain/core";
import type { Checkpoint } from "./checkpoint.ts";

/**
 * `not-started`; `catching-up` on its history; `live`; `interrupted` by the store, and about to go on; `ended` with all that was asked for; `faulted` for good, with an error; `closed`.
 */
export type FeedStatus = "not-started" | "catching-up" | "live" | "interrupted" | "ended" | "faulted" | "closed";

/** What is at work on an event. */
export interface BusyWith {
  readonly type: string;
  readonly stream: string;
  readonly position: Position;
  /** For how long a handler has been waited for, in milliseconds. */
  readonly forMs: number;
}

/** Like `AmountDeposited at position 7`. */
export function shownBusy(busyWith: BusyWith | null): string | null {
  return busyWith === null ? null : `${busyWith.type} at position ${busyWith.position}`;
}

/** How far a read model or a listener is with one feed, as it knows by itself. What lies ahead only the store can tell. */
export interface FeedHealth {
  readonly feed: string;
  readonly status: FeedStatus;
  /** Everything of the feed up to this position is handled, here or before it was started from there; `null` before anything is. */
  readonly handledUpTo: Position | null;
  /** The last event that was handled, or behind which it was started. */
  readonly checkpoint: Checkpoint;
  /** How many milliseconds ago something was handled, or was found not to be there, last; `null` before anything was. An idle store makes no progress either: `lag()` tells the two apart. */
  readonly progressAgeMs: number | null;
  /** The event that a handler is being waited for with. */
  readonly busyWith: BusyWith | null;
  /** Whether a hold, a reader or a capture keeps events waiting. */
  readonly isHeld: boolean;
  /** How often the store interrupted it. */
  readonly interruptions: number;
  /** Why it stopped or was interrupted last; `undefined` once it goes on. */
  readonly error: Error | undefined;
}

/** What of a feed is committed and not handled. */
export interface FeedLag {
  readonly feed: string;
  /** How many events at most: the positions from the oldest of them to the end of the log, of which others may have some; 0 when there is nothing left of the feed. */
  readonly events: number;
  /** How long ago the oldest of them was committed, in milliseconds, by the store's clock against ours; 0 when there is none. */
  readonly ms: number;
}
