import type { Delivery } from "@reactive-domain/persistence";

/** A delivery in the hands of a consumer, until it is settled or lost. */
export class Held {
  readonly delivery: Delivery;
  /** By what it keeps its order. */
  readonly key: string | undefined;
  /** When its lease ends unless it is extended, by the monotonic clock. */
  untilMs: number;
  /** Whether what became of it is on its way to the store. */
  isSettling = false;
  /** When a handler got it, by the monotonic clock. */
  begunMs: number | undefined;
  #isLost = false;
  #reason: Error | undefined;
  // Made where somebody looks: most handlers never do.
  #ending: AbortController | undefined;

  constructor(delivery: Delivery, key: string | undefined, untilMs: number) {
    this.delivery = delivery;
    this.key = key;
    this.untilMs = untilMs;
  }

  /** Whether it is another consumer's: what becomes of it here counts for nothing. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Aborts when its handling is to end. */
  get signal(): AbortSignal {
    if (this.#ending === undefined) {
      this.#ending = new AbortController();
      if (this.#reason !== undefined) this.#ending.abort(this.#reason);
    }
    return this.#ending.signal;
  }

  /** Why its handling is to end. */
  get endedBy(): Error | undefined {
    return this.#reason;
  }

  /** Tells its handlers to end. The first reason counts. */
  end(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#ending?.abort(reason);
  }

  lose(reason: Error): void {
    this.#isLost = true;
    this.end(reason);
  }
}
