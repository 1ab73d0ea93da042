import type { Clock, Runtime, Scheduler } from "@reactive-domain/core";

/**
 * The time at which it was first asked for in this turn of the event loop, as Node's own timers have it: to read the clock can take as long as to bring a
 * message on its way.
 */
export class TurnClock {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #expire = (): void => void (this.#isFresh = false);
  #isFresh = false;
  #nowMs = 0;

  constructor({ clock, scheduler }: Runtime) {
    this.#clock = clock;
    this.#scheduler = scheduler;
  }

  /** On the monotonic clock. */
  get nowMs(): number {
    if (this.#isFresh) return this.#nowMs;
    this.#isFresh = true;
    this.#scheduler.soon(this.#expire);
    return (this.#nowMs = this.#clock.monotonicMs());
  }
}
