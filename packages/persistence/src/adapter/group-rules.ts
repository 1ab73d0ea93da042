import type { CompleteGroupDefinition } from "./driver.ts";

const MAX_ERROR_CHARACTERS = 10_000;
/** 2 to this power is still an exact number. */
const MAX_DOUBLINGS = 52;

/** How long an event waits for its next delivery after so many, in milliseconds. */
export function backOffMs(
  attempts: number,
  { retryDelayMs, maxRetryDelayMs }: Pick<CompleteGroupDefinition, "retryDelayMs" | "maxRetryDelayMs">,
): number {
  return Math.min(retryDelayMs * 2 ** Math.min(attempts - 1, MAX_DOUBLINGS), maxRetryDelayMs);
}

/** What is kept of the error of a parked event. */
export function parkedError(error: string): string {
  return error.slice(0, MAX_ERROR_CHARACTERS);
}

/** The error of an event that is parked because its consumers went away. */
export function wentAway(consumer: string): string {
  return `Consumer ${consumer} went away with it, or took longer than its lease.`;
}
