import type { InProcessTransportSettings } from "./in-process-transport-options.ts";

// Enough to reach any limit, and far from infinity, which zero times is no number.
const MAX_DOUBLINGS = 53;

/** How long to wait after so many failed attempts, in milliseconds. */
export function retryDelay(
  attempts: number,
  { retryDelayMs, maxRetryDelayMs }: Pick<InProcessTransportSettings, "retryDelayMs" | "maxRetryDelayMs">,
): number {
  return Math.min(retryDelayMs * 2 ** Math.min(attempts - 1, MAX_DOUBLINGS), maxRetryDelayMs);
}
