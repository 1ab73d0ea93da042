import { onAbort } from "./on-abort.ts";
import { currentRuntime, type Runtime } from "./runtime.ts";

/** How a wait may be ended early, and on whose clock it runs. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Default: {@link currentRuntime}. */
  readonly runtime?: Runtime | undefined;
}

/** Resolves after `delayMs` milliseconds on the runtime's scheduler. */
export function sleep(delayMs: number, options: WaitOptions = {}): Promise<void> {
  const { scheduler } = options.runtime ?? currentRuntime();
  return waitWith(options.signal, (done) => scheduler.after(delayMs, done));
}

/** Resolves once input and output that was already waiting has had its turn. */
export function yieldToLoop(options: WaitOptions = {}): Promise<void> {
  const { scheduler } = options.runtime ?? currentRuntime();
  return new Promise((resolve) => scheduler.soon(resolve));
}

/**
 * A promise of something that calls back once, given up when the signal aborts.
 * `start` begins the wait and returns how to give it up.
 */
export function waitWith(signal: AbortSignal | undefined, start: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const leave = onAbort(signal, () => {
      cancel();
      reject(signal?.reason as Error);
    });
    const cancel = start(() => {
      leave();
      resolve();
    });
  });
}
