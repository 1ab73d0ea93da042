import { onAbort } from "./on-abort.ts";

/**
 * What a promise comes to, or the signal's reason as soon as that aborts. What it comes to later is thrown away: then it may also reject, which is no unhandled rejection.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error);
    const leave = onAbort(signal, giveUp);
    if (signal.aborted) giveUp();
    promise.then(resolve, reject).finally(leave);
  });
}
