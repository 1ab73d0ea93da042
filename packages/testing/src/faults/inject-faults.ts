import { InvalidArgument } from "@reactive-domain/core";
import { checkOptions, hasMethods } from "../options/check-options.ts";
import { StoreUnavailable, type EventStore, type WriteItem } from "@reactive-domain/persistence";

/** Which writes fail, and how. */
export interface WriteFault {
  /** Writes with an append for this stream, or another item that names it. Default: all writes, also those of snapshots and checkpoints. */
  readonly stream?: string;
  /** How many of these fail, one after another; `Infinity` for all. Default 1. */
  readonly times?: number;
  /** How many of these go well before. Default 0. */
  readonly skip?: number;
  /** `before`: nothing is written. `after`: all is written, and the answer is lost. Default `before`. */
  readonly outcome?: "before" | "after";
  /** What they fail with. Default: a retryable `StoreUnavailable`. */
  readonly error?: Error;
}

/** A store whose writes fail as planned. */
export interface FaultyStore<S extends EventStore = EventStore> {
  /** The store to work with. All but its `write` and `append` is the real store's: what is read, followed, leased and claimed. */
  readonly store: S;
  /** How many writes have failed so far. */
  readonly failed: number;
  /** How many are still to fail: 0 proves that a test has met all its faults. */
  readonly planned: number;
  /** Plans faults. Of several plans that a write fits, the first that is not used up takes it. Errors: `invalid-argument`. */
  failWrites(fault?: WriteFault): void;
  /** Forgets what is planned. */
  heal(): void;
}

/**
 * Makes writes of a store fail, on a plan. What the store itself refuses, such as a conflict, it refuses as ever, where the write comes to it.
 *
 * Errors: `invalid-argument` for what is no store.
 *
 * @example
 * const faults = injectFaults(createInMemoryStore());
 * faults.failWrites({ stream: "account-1", outcome: "after" });
 * const bank = connect(banking, faults.store);
 */
export function injectFaults<S extends EventStore>(store: S): FaultyStore<S> {
  if (!hasMethods(store, ["write", "append"])) throw new InvalidArgument("What faults are injected into", "a store", store);
  return new PlannedFaults(store);
}

class PlannedFaults<S extends EventStore> implements FaultyStore<S> {
  readonly store: S;
  failed = 0;
  #plans: Plan[] = [];

  constructor(store: S) {
    this.store = withWrites(store, {
      write: (items, options) => this.#run(items, () => store.write(items, options)),
      append: (stream, events, options) =>
        this.#run([{ kind: "append", stream, events, expectedVersion: options?.expectedVersion }], () =>
          store.append(stream, events, options),
        ),
    });
  }

  get planned(): number {
    return this.#plans.reduce((sum, { left }) => sum + left, 0);
  }

  failWrites(fault: WriteFault = {}): void {
    this.#plans.push(new Plan(fault));
  }

  heal(): void {
    this.#plans = [];
  }

  async #run<T>(items: readonly WriteItem[], write: () => Promise<T>): Promise<T> {
    const plan = this.#plans.find((one) => one.left > 0 && one.fits(items));
    if (plan?.take() !== true) return write();
    if (plan.outcome === "after") await this.#writeFor(plan, write);
    this.failed++;
    throw plan.error();
  }

  /** A write that the store refuses has met no fault: the next one does. */
  async #writeFor(plan: Plan, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      plan.left++;
      throw error;
    }
  }
}

/** What is left of a fault that was planned. */
class Plan {
  readonly outcome: "before" | "after";
  left: number;
  #skip: number;
  readonly #stream: string | undefined;
  readonly #error: Error | undefined;

  constructor(fault: WriteFault) {
    checkOptions("A fault", fault, ["stream", "times", "skip", "outcome", "error"]);
    const { stream, times = 1, skip = 0, outcome = "before", error } = fault;
    if (times !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(times) && times >= 1))
      throw new InvalidArgument("times", "an integer from 1, or Infinity", times);
    if (!Number.isSafeInteger(skip) || skip < 0) throw new InvalidArgument("skip", "an integer from 0", skip);
    if (outcome !== "before" && outcome !== "after") throw new InvalidArgument("outcome", "before or after", outcome);
    if (stream !== undefined && typeof stream !== "string") throw new InvalidArgument("stream", "the name of a stream", stream);
    if (error !== undefined && !(error instanceof Error)) throw new InvalidArgument("error", "an Error", error);
    this.left = times;
    this.outcome = outcome;
    this.#skip = skip;
    this.#stream = stream;
    this.#error = error;
  }

  fits(items: readonly WriteItem[]): boolean {
    return this.#stream === undefined || items.some((item) => "stream" in item && item.stream === this.#stream);
  }

  /** Whether this write is to fail. */
  take(): boolean {
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    this.left--;
    return true;
  }

  error(): Error {
    const problem =
      this.outcome === "before" ? "fails as planned; nothing was written" : "fails as planned; all was written, and the answer is lost";
    return this.#error ?? new StoreUnavailable("The store", problem, { retryable: true });
  }
}

/** The store, with other ways to write. */
function withWrites<S extends EventStore>(store: S, writes: Pick<EventStore, "write" | "append">): S {
  return new Proxy(store, {
    get(target, name) {
      if (name === "write" || name === "append") return writes[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
