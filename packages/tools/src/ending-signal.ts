const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A signal that aborts when the process is told to end, which then ends by itself. Until it is disposed of. */
export interface EndingSignal extends Disposable {
  readonly signal: AbortSignal;
  /** How the process was told to end; `undefined` while it was not. */
  readonly received: NodeJS.Signals | undefined;
}

/** Listens to Ctrl-C and its like, which abort with the reason. A second one ends the process at once. */
export function onEndingSignal(reason: (received: NodeJS.Signals) => Error): EndingSignal {
  const ending = new AbortController();
  let received: NodeJS.Signals | undefined;
  const abort = (signal: NodeJS.Signals): void => {
    stop();
    received = signal;
    ending.abort(reason(signal));
  };
  const stop = (): void => {
    for (const signal of ENDING_SIGNALS) process.off(signal, abort);
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, abort);
  return {
    signal: ending.signal,
    get received() {
      return received;
    },
    [Symbol.dispose]: stop,
  };
}
