import type { CancelTask, Runtime } from "@reactive-domain/core";
import { Chain, type Linked } from "../chain.ts";

interface Waiter extends Linked<Waiter> {
  readonly done: () => void;
}

/** Milliseconds that are none: the fractions of a clock are not exact. What is let in too early by them is owed by the next. */
const NO_TIME_MS = 1e-6;

/** Tokens that come at a rate, as many as the bucket holds, and who waits for them, in order. */
export class TokenBucket {
  readonly #runtime: Runtime;
  readonly #perMs: number;
  readonly #burst: number;
  readonly #waiters = new Chain<Waiter>();
  #waiting = 0;
  #tokens: number;
  #atMs: number;
  #cancelTimer: CancelTask | undefined;

  /** Full at first. */
  constructor(runtime: Runtime, perSecond: number, burst: number) {
    this.#runtime = runtime;
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = runtime.clock.monotonicMs();
  }

  /** Takes a token and tells 0; or takes none, and tells in how many whole milliseconds there is one after those for all that wait. */
  take(): number {
    const waitMs = this.#msUntil(this.#waiting + 1);
    // Also where the timer is late nobody overtakes those who wait.
    if (waitMs > 0 || this.#waiting > 0) return Math.max(1, waitMs);
    this.#tokens--;
    return 0;
  }

  /** Calls back when a token was taken on the caller's behalf. Returns how to give that up. */
  wait(done: () => void): () => void {
    const waiter: Waiter = { done, before: undefined, after: undefined };
    this.#waiters.push(waiter);
    this.#waiting++;
    this.#arm();
    return () => {
      this.#remove(waiter);
      if (this.#waiting > 0) return;
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
    };
  }

  /** Whole milliseconds, as timers count: one that came a moment early would have to be set again for no time at all. */
  #msUntil(tokens: number): number {
    const nowMs = this.#runtime.clock.monotonicMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
    return Math.max(0, Math.ceil((tokens - this.#tokens) / this.#perMs - NO_TIME_MS));
  }

  #arm(): void {
    if (this.#cancelTimer !== undefined || this.#waiting === 0) return;
    this.#cancelTimer = this.#runtime.scheduler.after(this.#msUntil(1), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#cancelTimer = undefined;
    for (let { first } = this.#waiters; first !== undefined && this.#msUntil(1) === 0; { first } = this.#waiters) {
      this.#tokens--;
      this.#remove(first);
      first.done();
    }
    this.#arm();
  }

  #remove(waiter: Waiter): void {
    this.#waiters.remove(waiter);
    this.#waiting--;
  }
}
