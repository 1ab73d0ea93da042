import { checkCount } from "./check-read.ts";

/** The end of what is held has to be a date that every store can keep. */
const MAX_DURATION_MS = 365 * 24 * 60 * 60 * 1_000;

/** How long something may be held. Errors: `invalid-argument` unless it is an integer from 1 to 365 days, in milliseconds. */
export function checkDuration(name: string, durationMs: number): void {
  checkCount(name, durationMs, MAX_DURATION_MS);
}
