import { sleep, type Runtime } from "@reactive-domain/core";
import { isBusy } from "./sqlite-failure.ts";

export interface BusyWait {
  readonly runtime: Runtime;
  /** How long another process is waited for. */
  readonly timeoutMs: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
}

const RETRY_MS = 1;

/**
 * Makes an attempt, again and again while another process has the file. SQLite could wait by itself, but would hold up the event loop, and for longer and longer:
 * beside a busy writer it would hardly get its turn.
 */
export function whileBusy<T>(attempt: () => T, wait: BusyWait): T | Promise<T> {
  try {
    return attempt();
  } catch (error) {
    if (!isBusy(error)) throw error;
    return tryAgain(attempt, wait, error);
  }
}

/** The same for an attempt that is made on another thread. */
export async function untilFree<T>(attempt: () => Promise<T>, wait: BusyWait): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isBusy(error)) throw error;
    return tryAgain(attempt, wait, error);
  }
}

async function tryAgain<T>(attempt: () => T | Promise<T>, { runtime, timeoutMs, signal }: BusyWait, first: unknown): Promise<T> {
  const { clock } = runtime;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let busy = first;
  while (clock.monotonicMs() < deadlineMs) {
    await sleep(RETRY_MS, { runtime, signal });
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      busy = error;
    }
  }
  throw busy;
}
