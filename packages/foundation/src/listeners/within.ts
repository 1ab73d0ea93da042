import { onAbort, unlessAborted, type Runtime } from "@reactive-domain/core";
import type { CatchUpWait } from "./waiters.ts";

/** Under which time and signal somebody works. */
export interface Bounds extends CatchUpWait {
  readonly runtime: Runtime;
  readonly timedOut: () => Error;
}

/**
 * Does something until the time is up or the signal aborts. It is told by a signal of its own, and left behind where it does not listen. Errors: what `timedOut` makes, the
 * signal's reason, those of the work.
 */
export async function within<T>(bounds: Bounds, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeoutMs, signal, runtime, timedOut } = bounds;
  signal?.throwIfAborted();
  const ending = new AbortController();
  const cancel = runtime.scheduler.after(timeoutMs, () => ending.abort(timedOut()));
  const leave = onAbort(signal, () => ending.abort(signal?.reason));
  try {
    return await unlessAborted(work(ending.signal), ending.signal);
  } finally {
    cancel();
    leave();
  }
}
