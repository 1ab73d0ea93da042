import type { Runtime } from "@reactive-domain/core";
import type { CallOptions } from "@reactive-domain/persistence";
import { shownBusy, type FeedHealth, type FeedLag, type FeedStatus } from "../listeners/feed-health.ts";
import { within } from "../listeners/within.ts";
import { NotAnswered } from "./errors.ts";
import type { WorkerReport } from "./worker-report.ts";

/** What a look at a worker saw. */
export interface Sight extends WorkerReport {
  /** How often the store interrupted it; `null` where nobody counts. */
  readonly interruptions: number | null;
  /** Like `AmountDeposited at position 7`: what a handler is at work on. */
  readonly busyWith: string | null;
  /** Why its lag could not be asked. */
  readonly problem: unknown;
}

/** How long an answer is waited for, and on whose clock. */
export interface Asking {
  readonly timeoutMs: number;
  readonly runtime: Runtime;
}

/** Who takes a feed to handlers. */
export interface Follower {
  readonly health: FeedHealth;
  lag(options: CallOptions): Promise<FeedLag>;
}

/** An answer, in time. Errors: `not-answered`, those of who is asked. */
export function ask<T>({ timeoutMs, runtime }: Asking, question: (options: CallOptions) => Promise<T>): Promise<T> {
  const timedOut = (): Error => new NotAnswered(timeoutMs);
  return within({ timeoutMs, signal: undefined, runtime, timedOut }, async (signal) => question({ signal }));
}

/** Looks at who takes a feed to handlers. What the store does not tell in time, or cannot tell, is left open. */
export async function lookAt(kind: WorkerReport["kind"], name: string, follower: Follower, asking: Asking): Promise<Sight> {
  const [lag, problem] = await lagOf(follower, asking);
  // As it is now: the answer of the store may have taken its time.
  const { feed, status, handledUpTo, progressAgeMs, busyWith, interruptions, error } = follower.health;
  return {
    kind,
    name,
    feed,
    status: STATUSES[status],
    position: handledUpTo,
    lag,
    progressAgeMs,
    parked: 0,
    failing: 0,
    error,
    interruptions,
    busyWith: shownBusy(busyWith),
    problem,
  };
}

/** Nothing lies before one that has come to its end. */
async function lagOf(follower: Follower, asking: Asking): Promise<readonly [lag: Sight["lag"], problem: unknown]> {
  const { status } = follower.health;
  if (status === "closed" || status === "ended") return [null, undefined];
  try {
    const { events, ms } = await ask(asking, (options) => follower.lag(options));
    return [{ events, ms }, undefined];
  } catch (error) {
    return [null, error];
  }
}

const STATUSES: Record<FeedStatus, WorkerReport["status"]> = {
  "not-started": "not-started",
  "catching-up": "catching-up",
  live: "live",
  interrupted: "interrupted",
  ended: "ended",
  faulted: "stopped",
  closed: "closed",
};
