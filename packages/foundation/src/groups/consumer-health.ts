import type { BusyWith } from "../listeners/feed-health.ts";

/**
 * `not-started`; `catching-up` with what was there; `live`: there was nothing left to take; `interrupted` by the store, and about to go on; `stopped` for good, with an error; `closed`.
 */
export type ConsumerStatus = "not-started" | "catching-up" | "live" | "interrupted" | "stopped" | "closed";

/** What a consumer has done since it was started. */
export interface ConsumerCounts {
  readonly acknowledged: number;
  /** Settled without a handler. */
  readonly skipped: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Events that failed for the last time here, or that a handler gave up. */
  readonly parked: number;
  /** Deliveries that went to another consumer while they were in hand. */
  readonly lost: number;
}

/** How one consumer of a group is, as it knows by itself; what others do only the store can tell (`status`, `lag`). */
export interface ConsumerHealth extends ConsumerCounts {
  readonly group: string;
  /** `null` before it is started. */
  readonly consumer: string | null;
  readonly status: ConsumerStatus;
  /** How many deliveries it holds. */
  readonly inHand: number;
  /** How many keys it is at work on. */
  readonly inFlight: number;
  /** How many of what it holds are there for another attempt. */
  readonly failing: number;
  /** The event that is longest with a handler. */
  readonly busyWith: BusyWith | null;
  /** How many milliseconds ago something was settled, or nothing was there to take, last; `null` before that. */
  readonly progressAgeMs: number | null;
  /** How often the store interrupted it. */
  readonly interruptions: number;
  /** Why it stopped or is interrupted. */
  readonly error: Error | undefined;
}
