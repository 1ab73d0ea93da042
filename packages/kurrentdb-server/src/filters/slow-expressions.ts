import type { Clock } from "@reactive-domain/core";
import { invalidArgument } from "../wire/refusal.ts";

const REFUSED_MS = 60_000;
const MAX_KEPT = 100;

/** Regular expressions of clients that took too long once: for a while nobody is held up by them again. */
export class SlowExpressions {
  readonly #clock: Clock;
  /** Until when each is refused, in the order in which they came. */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(source: string): void {
    this.#until.delete(source);
    this.#until.set(source, this.#clock.monotonicMs() + REFUSED_MS);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MAX_KEPT && oldest !== undefined) this.#until.delete(oldest);
  }

  /** Errors: invalid argument for one that took too long a short while ago. */
  check(source: string): void {
    const until = this.#until.get(source);
    if (until === undefined) return;
    if (this.#clock.monotonicMs() < until)
      throw invalidArgument(`The filter's expression ${source} took too long before. Make it simpler, or name prefixes.`);
    this.#until.delete(source);
  }
}
