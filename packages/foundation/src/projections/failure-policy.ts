import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import { createBackoff, type Backoff } from "@reactive-domain/messaging";

/** What becomes of an event whose handling fails. */
export interface FailureOptions {
  /** When its attempts are used up: it is parked, and the projection goes on; or the projection stops, and says so. Default `park`. */
  readonly finally?: "park" | "stop";
  /** How often it is tried, from 1; counted over restarts. Default 5. */
  readonly attempts?: number;
  /** The shortest wait before another attempt, in milliseconds, above 0. Default 100. */
  readonly minDelayMs?: number;
  /** The longest wait before another attempt, in milliseconds. Default 10,000. */
  readonly maxDelayMs?: number;
  /** What becomes of later events of the key of a parked one: they wait until it is replayed, or pass. Default `wait`. */
  readonly behindParked?: "wait" | "pass";
}

export interface FailurePolicy {
  readonly stops: boolean;
  readonly backoff: Backoff;
  readonly waitsBehindParked: boolean;
}

/** Errors: `invalid-argument`. */
export function failurePolicy(options: FailureOptions = {}): FailurePolicy {
  checkKeys("options for failures", options, ["finally", "attempts", "minDelayMs", "maxDelayMs", "behindParked"]);
  const { finally: end = "park", attempts = 5, minDelayMs = 100, maxDelayMs = 10_000, behindParked = "wait" } = options;
  if (end !== "park" && end !== "stop") throw new InvalidArgument("finally", "park or stop", end);
  if (behindParked !== "wait" && behindParked !== "pass") throw new InvalidArgument("behindParked", "wait or pass", behindParked);
  const backoff = createBackoff("failures", { attempts, minDelayMs, maxDelayMs });
  return { stops: end === "stop", backoff, waitsBehindParked: behindParked === "wait" };
}
