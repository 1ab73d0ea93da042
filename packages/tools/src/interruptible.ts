const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Work that cleans up when the process is asked to end, like by Ctrl-C, before it ends as it was asked to. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let asked: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    asked = signal;
    controller.abort(new Error(`Ended by ${signal}.`));
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    if (asked !== undefined) process.kill(process.pid, asked);
  }
}
