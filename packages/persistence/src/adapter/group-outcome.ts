import type { CompleteGroupDefinition } from "./driver.ts";
import { backOffMs, parkedError, wentAway } from "./group-rules.ts";
import type { Settlement } from "../write.ts";
import { release, waitingSince, type Claimed, type GroupEntry } from "./group-entry.ts";

/** What a group says about deliveries that fail. */
type RetryRules = Pick<CompleteGroupDefinition, "maxAttempts" | "afterLoss" | "retryDelayMs" | "maxRetryDelayMs">;

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
 * after the last attempt it is parked then. Where it was with others it comes alone next time, also when its attempts are used up, unless the group has them together.
 */
export function expireEntry(
  entry: GroupEntry,
  { isAlone, consumer }: Claimed,
  { maxAttempts, afterLoss }: RetryRules,
  nowMs: number,
): void {
  const isTogether = afterLoss === "together";
  if ((isAlone || isTogether) && entry.attempts >= maxAttempts) park(entry, wentAway(consumer), nowMs);
  else entry.state = { kind: "waiting", dueMs: nowMs, isSuspect: !isTogether };
}

function park(entry: GroupEntry, error: string, nowMs: number): void {
  entry.state = { kind: "parked", error: parkedError(error), atMs: nowMs };
}
