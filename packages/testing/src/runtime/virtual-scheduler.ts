import { AsyncResource } from "node:async_hooks";
import { systemRuntime, yieldToLoop, type CancelTask, type Scheduler } from "@reactive-domain/core";
import type { SeededRandom } from "./seeded-random.ts";
import { TimerQueue } from "./timer-queue.ts";
import type { VirtualTime } from "./virtual-time.ts";

/**
 * Lets one waiting step go on at a time, chosen at random, once everything that follows from the one before has come to rest. Steps that wait for a turn, tasks
 * that are to run soon, and timers whose time has come take part; tasks keep their order, and so do timers.
 */
export class VirtualScheduler implements Scheduler {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #steps: (() => void)[] = [];
  readonly #tasks: (() => void)[] = [];
  readonly #timers = new TimerQueue();
  #isPumping = false;
  #watchers = 0;
  #fault: { readonly error: unknown } | undefined;

  constructor(time: VirtualTime, random: SeededRandom) {
    this.#time = time;
    this.#random = random;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#steps.push(resolve);
      this.#pump();
    });
  }

  soon(task: () => void): void {
    this.#tasks.push(AsyncResource.bind(task));
    this.#pump();
  }

  after(delayMs: number, task: () => void): CancelTask {
    const cancel = this.#timers.add(this.#time.now() + Math.max(0, delayMs), AsyncResource.bind(task));
    this.#pump();
    return cancel;
  }

  /** Resolves when nothing can go on without time moving. Rejects with what a task threw meanwhile. */
  async settle(): Promise<void> {
    this.#watchers++;
    try {
      do await yieldToLoop({ runtime: systemRuntime });
      while (this.#fault === undefined && this.#runnable() > 0);
    } finally {
      this.#watchers--;
    }
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault.error;
  }

  /** Moves time to the first timer that is due by then, which may run now. `false` when there is none. */
  moveToNextTimer(untilMs: number): boolean {
    const dueMs = this.#timers.nextDueMs;
    if (dueMs === undefined || dueMs > untilMs) return false;
    this.#time.moveTo(dueMs);
    this.#pump();
    return true;
  }

  #pump(): void {
    if (this.#isPumping || this.#runnable() === 0) return;
    this.#isPumping = true;
    systemRuntime.scheduler.soon(() => {
      this.#isPumping = false;
      this.#runOne();
      this.#pump();
    });
  }

  /** A task that throws fails whoever drives this scheduler; without a driver it is an uncaught error, as in production. */
  #runOne(): void {
    try {
      this.#choose()?.();
    } catch (error) {
      if (this.#watchers === 0) throw error;
      this.#fault ??= { error };
    }
  }

  #choose(): (() => void) | undefined {
    const choice = this.#random.below(Math.max(1, this.#runnable()));
    if (choice < this.#steps.length) return this.#steps.splice(choice, 1)[0];
    const isTask = choice === this.#steps.length && this.#tasks.length > 0;
    return isTask ? this.#tasks.shift() : this.#timers.take();
  }

  /** How many there are to choose from. */
  #runnable(): number {
    const isTimerDue = (this.#timers.nextDueMs ?? Number.POSITIVE_INFINITY) <= this.#time.now();
    return this.#steps.length + (this.#tasks.length > 0 ? 1 : 0) + (isTimerDue ? 1 : 0);
  }
}
