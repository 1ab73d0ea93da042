type Task = () => void;

/** What is to run when one signal aborts. */
interface Listening {
  readonly tasks: Set<Task>;
  readonly run: () => void;
}

const listenings = new WeakMap<AbortSignal, Listening>();

/**
 * Runs a task when a signal aborts, unless the function that is answered was called before. A signal that is shared by a whole program has one listener for all tasks, where
 * Node would warn of more than ten, and none when nothing is left to run. One that is aborted already runs nothing.
 */
export function onAbort(signal: AbortSignal | undefined, task: Task): () => void {
  if (signal === undefined || signal.aborted) return () => undefined;
  const { tasks, run } = listenings.get(signal) ?? listenTo(signal);
  // The same function may be given twice.
  const own = (): void => task();
  tasks.add(own);
  return () => {
    if (!tasks.delete(own) || tasks.size > 0) return;
    signal.removeEventListener("abort", run);
    listenings.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Listening {
  const tasks = new Set<Task>();
  const run = (): void => {
    for (const task of tasks) if (tasks.delete(task)) task();
  };
  const listening = { tasks, run };
  listenings.set(signal, listening);
  signal.addEventListener("abort", run, { once: true });
  return listening;
}
