import { onAbort, type Runtime } from "@reactive-domain/core";
import { isThenable } from "@reactive-domain/messaging";
import type { SerialQueue } from "../listeners/serial-queue.ts";

/** How long somebody waits for an answer. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly runtime: Runtime;
  /** Told whether the task had begun by then. */
  readonly timedOut: (hasBegun: boolean) => Error;
}

/**
 * Runs a task between two others of a queue. One that nobody waits for any more does not begin, and one that goes on for too long is not waited for: the queue moves on, and
 * what it answers is thrown away. Errors: what `timedOut` makes, the signal's reason, those of the task.
 */
export function readBetween<T>(queue: SerialQueue, task: () => T | Promise<T>, patience: Patience): Promise<T> {
  const { signal } = patience;
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const reading = new Reading(task, patience, { resolve, reject });
    // What the task throws was told to whom it concerns.
    queue.interject(() => reading.begin()).catch(() => undefined);
  });
}

interface Reader<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
}

class Reading<T> {
  readonly #task: () => T | Promise<T>;
  readonly #reader: Reader<T>;
  readonly #stopWaiting: () => void;
  #hasBegun = false;
  #isSettled = false;
  /** Lets the queue move on. */
  #leave: () => void = () => undefined;

  constructor(task: () => T | Promise<T>, { timeoutMs, signal, runtime, timedOut }: Patience, reader: Reader<T>) {
    this.#task = task;
    this.#reader = reader;
    const cancel = runtime.scheduler.after(timeoutMs, () => this.#settle(() => reader.reject(timedOut(this.#hasBegun))));
    const leave = onAbort(signal, () => this.#settle(() => reader.reject(signal?.reason)));
    this.#stopWaiting = () => {
      cancel();
      leave();
    };
  }

  /** Answers a promise where the task does, or is given up meanwhile. */
  begin(): Promise<void> | undefined {
    if (this.#isSettled) return undefined;
    this.#hasBegun = true;
    let answer: T | Promise<T>;
    try {
      answer = this.#task();
    } catch (error) {
      this.#settle(() => this.#reader.reject(error));
      return undefined;
    }
    if (!isThenable(answer)) {
      const told = answer;
      this.#settle(() => this.#reader.resolve(told));
      return undefined;
    }
    void Promise.resolve(answer).then(
      (told) => this.#settle(() => this.#reader.resolve(told)),
      (error: unknown) => this.#settle(() => this.#reader.reject(error)),
    );
    return new Promise((resolve) => {
      this.#leave = resolve;
      if (this.#isSettled) resolve();
    });
  }

  #settle(tell: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopWaiting();
    tell();
    this.#leave();
  }
}
