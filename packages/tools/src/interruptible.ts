import { onEndingSignal } from "./ending-signal.ts";

/** Work that cleans up when the process is told to end, like by Ctrl-C, before it ends as it was told to. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = onEndingSignal((received) => new Error(`Ended by ${received}.`));
  try {
    return await work(ending.signal);
  } finally {
    ending[Symbol.dispose]();
    if (ending.received !== undefined) process.kill(process.pid, ending.received);
  }
}
