import type { HealthSource } from "./source.ts";
import type { WorkerReport } from "./worker-report.ts";

/** How a worker is, with what its health knows besides. */
export interface WorkerHealth extends WorkerReport {
  /** How often the store interrupted it; `null` where nobody counts. */
  readonly interruptions: number | null;
  /** Whether it has stood still for too long with events before it. */
  readonly isStalled: boolean;
  /** Whether it has handled its history, now or at a look before, and was not stopped or closed. Of a group always. */
  readonly isReady: boolean;
}

/** How all workers of a process are. */
export interface HealthReport {
  /**
   * `failing` with an alarm; `degraded` where events are parked or under retry, or one is interrupted, paused, closed or not started; else `ok`.
   */
  readonly status: "ok" | "degraded" | "failing";
  /** In the order of what the health looks at. No two have the same kind, name and feed: a second one is called `NAME (2)`. */
  readonly workers: readonly WorkerHealth[];
  /**
   * What somebody should look after, a sentence each: one has stopped, stands still with events before it, or cannot tell how far it is. With the codes of errors, never
   * with their messages.
   */
  readonly alarms: readonly string[];
  /**
   * Whether a restart would be of no use: nobody has stopped, or stands still without an event that is parked or under retry. A store that does not answer is no reason for one.
   */
  readonly isLive: boolean;
  /** Whether all have handled their history, now or at a look before: what they keep may be asked. */
  readonly isReady: boolean;
}

/** How a health looks. */
export interface HealthOptions {
  /** After how many milliseconds without progress one with events before it is an alarm, above 0. Default 30,000. */
  readonly stalledAfterMs?: number;
  /** How many milliseconds a look waits for an answer, above 0. Default 800: less than the second that Kubernetes gives a probe. */
  readonly lagTimeoutMs?: number;
}

/** One place that knows how all that works on events is. */
export interface Health {
  /** Looks at a source from now on. Errors: `invalid-argument` for what is none, or is there already. */
  add(source: HealthSource): void;
  /** Looks at a source no more. Answers whether it did. */
  remove(source: HealthSource): boolean;
  /**
   * Looks at everything, and asks the stores how far it is: takes as long as the longest answer, and no longer than `lagTimeoutMs`. Who asks while a look is under way
   * shares it. It does not reject for anything that a worker or a store does. Errors: `invalid-argument`, the signal's reason.
   */
  report(options?: { readonly signal?: AbortSignal }): Promise<HealthReport>;
}
