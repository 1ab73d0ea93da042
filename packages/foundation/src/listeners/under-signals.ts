import { onAbort } from "@reactive-domain/core";

/** Does something under the first of some signals that aborts, and lets go of them behind it: one of them may live as long as the program. */
export async function underSignals<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const first = new AbortController();
  const leave = signals.map((signal) => onAbort(signal, () => first.abort(signal?.reason)));
  const aborted = signals.find((signal) => signal?.aborted === true);
  if (aborted !== undefined) first.abort(aborted.reason);
  try {
    return await work(first.signal);
  } finally {
    for (const stop of leave) stop();
  }
}
