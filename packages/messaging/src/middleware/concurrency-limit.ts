import { Chain, type Linked } from "../chain.ts";
import { classOf } from "../message.ts";
import { checkCount, checkOptions } from "./check-option.ts";
import { ConcurrencyLimited } from "./errors.ts";
import { refuseAborted, waitFor } from "./give-up.ts";
import type { Middleware } from "./middleware.ts";
import { named } from "./named.ts";
import { refuseUncalled } from "./step-factory.ts";

export interface ConcurrencyLimitOptions {
  /** How many messages may be behind this step at a time. An integer from 1. */
  readonly max: number;
  /** How many more may wait for that. An integer from 0, or `Infinity`, the default. */
  readonly maxWaiting?: number;
}

/**
 * Lets so many messages at a time through, of all handlers together that have this very step around them: a pool of connections, say. The others wait in the
 * order in which they came, and their signal ends the wait.
 *
 * A handler behind it that sends a message through the same limit, and waits for its answer, may wait for itself. Give such messages a limit of their own, and
 * put a `timeout` before it, which ends what hangs.
 *
 * Errors: `invalid-argument`; when called, `concurrency-limited` when too many wait, `message-canceled`.
 */
export function concurrencyLimit(options: ConcurrencyLimitOptions): Middleware {
  checkOptions("concurrencyLimit", options);
  const { max, maxWaiting = Number.POSITIVE_INFINITY } = options;
  checkCount("max of concurrencyLimit", max);
  if (maxWaiting !== Number.POSITIVE_INFINITY) checkCount("maxWaiting of concurrencyLimit", maxWaiting, 0);
  const gate = new Gate(max);
  return named("concurrencyLimit", (message, context, next) => {
    if (gate.enter()) return gate.leaveAfter(next);
    if (gate.waiting >= maxWaiting) throw new ConcurrencyLimited(classOf(message).type, max, gate.waiting);
    const { signal } = context;
    const admitted = (): Promise<unknown> => {
      refuseAborted(message, signal);
      return next();
    };
    return waitFor(message, signal, (done) => gate.wait(done)).then(() => gate.leaveAfter(admitted));
  });
}

refuseUncalled(concurrencyLimit);

interface Waiter extends Linked<Waiter> {
  readonly enter: () => void;
}

/** Places for so many. Whoever leaves hands the place to the one who has waited longest. */
class Gate {
  readonly #waiters = new Chain<Waiter>();
  #free: number;
  waiting = 0;

  constructor(places: number) {
    this.#free = places;
  }

  /** Takes a place, if there is one. There is none as long as anybody waits. */
  enter(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /** Calls back when a place was taken on the caller's behalf. Returns how to give that up. */
  wait(enter: () => void): () => void {
    const waiter: Waiter = { enter, before: undefined, after: undefined };
    this.#waiters.push(waiter);
    this.waiting++;
    return () => this.#remove(waiter);
  }

  async leaveAfter(work: () => Promise<unknown>): Promise<unknown> {
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    const { first } = this.#waiters;
    if (first === undefined) {
      this.#free++;
      return;
    }
    this.#remove(first);
    first.enter();
  }

  #remove(waiter: Waiter): void {
    this.#waiters.remove(waiter);
    this.waiting--;
  }
}
