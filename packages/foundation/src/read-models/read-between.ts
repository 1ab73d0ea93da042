import type { Runtime } from "@reactive-domain/core";
import type { SerialQueue } from "../listeners/serial-queue.ts";

/** How long somebody waits for a queue to make way. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly runtime: Runtime;
  readonly timedOut: () => Error;
}

/** Runs a task between two others of a queue. One that nobody waits for any more does not run. Errors: what `timedOut` makes, the signal's reason, those of the task. */
export function readBetween<T>(queue: SerialQueue, task: () => T | Promise<T>, patience: Patience): Promise<T> {
  const { timeoutMs, signal, runtime, timedOut } = patience;
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    let isWanted = true;
    const settle = (): void => {
      isWanted = false;
      cancel();
      signal?.removeEventListener("abort", onAbort);
    };
    const giveUp = (error: Error): void => {
      settle();
      reject(error);
    };
    const onAbort = (): void => giveUp(signal?.reason as Error);
    const cancel = queue.isBusy ? runtime.scheduler.after(timeoutMs, () => giveUp(timedOut())) : () => undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    const run = (): T | Promise<T> | undefined => {
      if (!isWanted) return undefined;
      settle();
      return task();
    };
    queue.interject(run).then((answer) => resolve(answer as T), reject);
  });
}
