import type { CompleteGroupDefinition } from "../adapter/driver.ts";
import type { Settlement } from "../write.ts";
import { release, waitingSince, type Claimed, type GroupEntry } from "./group-entry.ts";

const MAX_ERROR_CHARACTERS = 10_000;
/** 2 to this power is still an exact number. */
const MAX_DOUBLINGS = 52;

/** What a group says about deliveries that fail. */
type RetryRules = Pick<CompleteGroupDefinition, "maxAttempts" | "retryDelayMs" | "maxRetryDelayMs">;

/** Gives an entry the state that its consumer's settlement leads to; tells whether it is done with instead. */
export function settleEntry(entry: GroupEntry, { outcome, error = "", delayMs }: Settlement, rules: RetryRules, nowMs: number): boolean {
  if (outcome === "acknowledge" || outcome === "skip") return true;
  if (outcome === "release") release(entry, nowMs);
  else if (outcome === "park" || entry.attempts >= rules.maxAttempts) park(entry, error, nowMs);
  else entry.state = waitingSince(nowMs + (delayMs ?? backOffMs(entry.attempts, rules)));
  return false;
}

/**
 * Gives an entry whose lease has ended its next state. Its consumer is taken for dead, and the event may have killed it. That is certain only where it was alone:
 * after the last attempt it is parked then. Where it was with others it comes alone next time, also when its attempts are used up.
 */
export function expireEntry(entry: GroupEntry, { isAlone, consumer }: Claimed, { maxAttempts }: RetryRules, nowMs: number): void {
  if (isAlone && entry.attempts >= maxAttempts)
    park(entry, `Consumer ${consumer} went away with it, or took longer than its lease.`, nowMs);
  else entry.state = { kind: "waiting", dueMs: nowMs, isSuspect: true };
}

function park(entry: GroupEntry, error: string, nowMs: number): void {
  entry.state = { kind: "parked", error: error.slice(0, MAX_ERROR_CHARACTERS), atMs: nowMs };
}

function backOffMs(attempts: number, { retryDelayMs, maxRetryDelayMs }: RetryRules): number {
  return Math.min(retryDelayMs * 2 ** Math.min(attempts - 1, MAX_DOUBLINGS), maxRetryDelayMs);
}
