import type { Clock } from "@reactive-domain/core";

/** How many attempts are free, and after how long there is one more. */
export interface Allowance {
  readonly most: number;
  readonly refillMs: number;
}

interface Left {
  readonly count: number;
  readonly atMs: number;
}

const MAX_KEPT = 10_000;

/** Counts failed attempts by what they have in common. Of many, those are forgotten that began first. */
export class Attempts {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  readonly #left = new Map<string, Left>();

  constructor(clock: Clock, allowance: Allowance) {
    this.#clock = clock;
    this.#allowance = allowance;
  }

  /** Takes an attempt, which counts as failed until it is given back. Returns how many milliseconds there is none: 0 where it was taken. */
  take(key: string): number {
    const count = this.#countOf(key);
    if (count < 1) return Math.ceil((1 - count) * this.#allowance.refillMs);
    this.#set(key, count - 1);
    return 0;
  }

  /** The attempt did not fail. */
  giveBack(key: string): void {
    this.#set(key, this.#countOf(key) + 1);
  }

  #countOf(key: string): number {
    const { most, refillMs } = this.#allowance;
    const left = this.#left.get(key);
    return left === undefined ? most : Math.min(most, left.count + (this.#clock.monotonicMs() - left.atMs) / refillMs);
  }

  #set(key: string, count: number): void {
    this.#left.delete(key);
    if (count >= this.#allowance.most) return;
    const [oldest] = this.#left.size >= MAX_KEPT ? this.#left.keys() : [];
    if (oldest !== undefined) this.#left.delete(oldest);
    this.#left.set(key, { count, atMs: this.#clock.monotonicMs() });
  }
}
