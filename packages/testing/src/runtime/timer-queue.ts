import type { CancelTask } from "@reactive-domain/core";

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/** Tasks that wait for their time: the earliest first, and of those with one time the one that came first. */
export class TimerQueue {
  readonly #timers: Timer[] = [];

  get size(): number {
    return this.#timers.length;
  }

  /** When the first task is due. */
  get nextDueMs(): number | undefined {
    return this.#timers[0]?.dueMs;
  }

  add(dueMs: number, task: () => void): CancelTask {
    const timer = { dueMs, task };
    const later = this.#timers.findIndex((other) => other.dueMs > dueMs);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
    };
  }

  /** Takes the first task out. */
  take(): (() => void) | undefined {
    return this.#timers.shift()?.task;
  }
}
