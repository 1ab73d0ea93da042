type Task = () => void;

/** By signal, what is to run when it aborts. */
const tasksOf = new WeakMap<AbortSignal, Set<Task>>();

/**
 * Runs a task when a signal aborts, unless the function that is answered was called before. A signal that is shared by a whole program has one listener for all tasks, where
 * Node would warn of more than ten. One that is aborted already runs nothing.
 */
export function onAbort(signal: AbortSignal | undefined, task: Task): () => void {
  if (signal === undefined || signal.aborted) return () => undefined;
  const tasks = tasksOf.get(signal) ?? listenTo(signal);
  // The same function may be given twice.
  const own = (): void => task();
  tasks.add(own);
  return () => void tasks.delete(own);
}

function listenTo(signal: AbortSignal): Set<Task> {
  const tasks = new Set<Task>();
  tasksOf.set(signal, tasks);
  signal.addEventListener("abort", () => runAll(tasks), { once: true });
  return tasks;
}

function runAll(tasks: Set<Task>): void {
  for (const task of tasks) if (tasks.delete(task)) task();
}
