/** Stops a task that has not run yet; calling it again, or too late, does nothing. */
export type CancelTask = () => void;

/**
 * Where waiting happens. The toolkit takes every step that another step may overtake through here, so that a simulation can choose the order
 * and a test can move time by hand.
 */
export interface Scheduler {
  /**
   * A point at which other work may go first. In production there is nothing to wait for and it returns `undefined`;
   * a simulation returns a promise and resolves it when it is this step's turn.
   */
  turn(): Promise<void> | undefined;
  /** Runs a task once, after the current work and the input and output that is already waiting. */
  soon(task: () => void): void;
  /** Runs a task once, not before `delayMs` milliseconds have passed. */
  after(delayMs: number, task: () => void): CancelTask;
}

/** Longer delays than Node's timers take (2^31 - 1 ms) are waited for in parts. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The scheduler of the event loop. */
export const systemScheduler: Scheduler = {
  turn: () => undefined,
  soon: (task) => void setImmediate(task),
  after: (delayMs, task) => {
    let timer: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      const partMs = Math.min(remainingMs, MAX_TIMER_MS);
      timer = setTimeout(() => (remainingMs > partMs ? arm(remainingMs - partMs) : task()), partMs);
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};
