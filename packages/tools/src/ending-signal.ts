import { Stopped } from "./errors.ts";

const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A signal that aborts when the process is told to end, which then ends by itself. Until it is disposed of. */
export interface EndingSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Listens to Ctrl-C and its like. A second one ends the process at once. */
export function onEndingSignal(): EndingSignal {
  const ending = new AbortController();
  const abort = (): void => {
    stop();
    ending.abort(new Stopped());
  };
  const stop = (): void => {
    for (const signal of ENDING_SIGNALS) process.off(signal, abort);
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, abort);
  return { signal: ending.signal, [Symbol.dispose]: stop };
}
