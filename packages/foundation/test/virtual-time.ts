import { systemRuntime, type Runtime } from "@reactive-domain/foundation";

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/** Time that a test moves by hand; what does not wait for time goes on by itself. Ids are counted. */
export class VirtualTime {
  readonly runtime: Runtime;
  #nowMs: number;
  #timers: Timer[] = [];
  #ids = 0;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
    this.runtime = {
      clock: { now: () => this.#nowMs, monotonicMs: () => this.#nowMs },
      ids: { next: () => `00000000-0000-7000-8000-${String(++this.#ids).padStart(12, "0")}` },
      scheduler: { ...systemRuntime.scheduler, after: (delayMs, task) => this.#after(delayMs, task) },
    };
  }

  /** How many tasks wait for their time. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { task } of due.toSorted((one, other) => one.dueMs - other.dueMs)) task();
  }

  #after(delayMs: number, task: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }
}
