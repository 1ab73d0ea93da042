import { InvalidArgument, onAbort, position as asPosition, type Position, type Runtime } from "@reactive-domain/core";
import { Deferred } from "./deferred.ts";

/** How long somebody waits. */
export interface CatchUpWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Waiter {
  readonly position: Position;
  readonly reached: Deferred;
  isDone: boolean;
}

/** Those who wait until everything up to a position is handled, the nearest first. */
export class Waiters {
  readonly #runtime: Runtime;
  #waiting: Waiter[] = [];
  /** How many at the front have reached what they wait for. */
  #passed = 0;
  /** How many of the others have given up. */
  #left = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === this.#passed;
  }

  /** Errors: what `timedOut` makes, the signal's reason, and what {@link fail} is given. */
  async wait(position: Position, { timeoutMs, signal }: CatchUpWait, timedOut: () => Error): Promise<void> {
    signal?.throwIfAborted();
    const waiter = { position, reached: new Deferred(), isDone: false };
    const giveUp = (error: Error): void => {
      if (!waiter.isDone) this.#leave(waiter);
      waiter.reached.reject(error);
    };
    const cancel = this.#runtime.scheduler.after(timeoutMs, () => giveUp(timedOut()));
    const leave = onAbort(signal, () => giveUp(signal?.reason as Error));
    this.#enter(waiter);
    try {
      await waiter.reached.promise;
    } finally {
      cancel();
      leave();
    }
  }

  /** Lets those go on who wait for this position or for one before it. */
  reach(upTo: Position | null): void {
    if (upTo === null) return;
    for (let first = this.#waiting[this.#passed]; first !== undefined && first.position <= upTo; first = this.#waiting[this.#passed]) {
      this.#passed++;
      if (first.isDone) this.#left--;
      first.isDone = true;
      first.reached.resolve();
    }
    this.#tidy();
  }

  fail(error: Error): void {
    const waiting = this.#waiting.slice(this.#passed);
    this.#waiting = [];
    this.#passed = 0;
    this.#left = 0;
    for (const waiter of waiting) {
      waiter.isDone = true;
      waiter.reached.reject(error);
    }
  }

  /** Behind all those who wait for no later a position: nearly always at the end. */
  #enter(waiter: Waiter): void {
    let index = this.#waiting.length;
    if ((this.#waiting[index - 1]?.position ?? -1) > waiter.position) index = this.#placeOf(waiter.position);
    this.#waiting.splice(index, 0, waiter);
  }

  #placeOf(position: Position): number {
    let [low, high] = [this.#passed, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiting[middle] as Waiter).position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #leave(waiter: Waiter): void {
    waiter.isDone = true;
    this.#left++;
    this.#tidy();
  }

  /** Forgets those who are done, where they are more than half of all. */
  #tidy(): void {
    if (this.#passed + this.#left <= this.#waiting.length / 2) return;
    this.#waiting = this.#waiting.slice(this.#passed).filter(({ isDone }) => !isDone);
    this.#passed = 0;
    this.#left = 0;
  }
}

/** How long to wait, and for what. */
export interface CatchUpOptions {
  /** The longest wait, in milliseconds, above 0. Default 30,000. */
  readonly timeoutMs?: number;
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Errors: `invalid-argument`. */
export function checkWait({ timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CatchUpOptions): CatchUpWait {
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0)) throw new InvalidArgument("timeoutMs", "a number above 0", timeoutMs);
  return { timeoutMs, signal };
}

/** Errors: `invalid-argument`, also for what a save that wrote nothing tells: there is nothing to wait for. */
export function checkPosition(position: Position): Position {
  return asPosition(position);
}
