import { InvalidArgument } from "@reactive-domain/core";
import {
  StoreUnavailable,
  type CursorOf,
  type EventStore,
  type ReadOptions,
  type ReadSource,
  type SubscribeOptions,
} from "@reactive-domain/persistence";
import { checkOptions, hasMethods } from "../options/check-options.ts";
import { FaultyRead } from "./faulty-read.ts";
import { FaultySubscription } from "./faulty-subscription.ts";
import { checkError } from "./planned-fault.ts";
import { checkSource, isOf, ReadFaults, type ReadFault } from "./read-faults.ts";
import { WriteFaults, type WriteFault } from "./write-faults.ts";

/** A store whose writes, reads and subscriptions fail as planned. */
export interface FaultyStore<S extends EventStore = EventStore> {
  /** The store to work with. All but its `write`, `append`, `read` and `subscribe` is the real store's; what is read and followed are its events. */
  readonly store: S;
  /** How many faults were met so far: writes and reads that failed, subscriptions that were dropped. */
  readonly failed: number;
  /** How many are still to be met: 0 proves that a test has met all its faults. */
  readonly planned: number;
  /** Plans faults. Of several plans that a write fits, the first that is not used up takes it. Errors: `invalid-argument`. */
  failWrites(fault?: WriteFault): void;
  /**
   * Plans faults of `read`, among them those by which repositories load: a read fails when, behind `afterEvents` events, it is asked for more; batches come whole.
   * One that ends, or is left, before that has met none.
   *
   * Errors: `invalid-argument`.
   */
  failReads(fault?: ReadFault): void;
  /** Plans faults of the next subscriptions: they fail at their first answer. Errors: `invalid-argument`. */
  failSubscriptions(fault?: Omit<ReadFault, "afterEvents">): void;
  /**
   * Drops the subscriptions that are open now, all or those of a source, and tells how many: each throws the error to its reader, and tells `dropped` that it
   * failed. With `afterEvents` it drops each of the next ones behind so many events, though it be in the middle of a batch; `times` and `skip` belong to this form. A
   * subscription that ends before that has met no fault.
   *
   * Errors: `invalid-argument`.
   */
  dropSubscriptions(fault?: ReadFault): number;
  /** Forgets what is planned. */
  heal(): void;
}

/**
 * Makes writes, reads and subscriptions of a store fail, on a plan. What the store itself refuses, such as a conflict, it refuses as ever, where the call comes to it.
 *
 * Errors: `invalid-argument` for what is no store.
 *
 * @example
 * const faults = injectFaults(createInMemoryStore());
 * faults.failWrites({ stream: "account-1", outcome: "after" });
 * const bank = connect(banking, faults.store);
 */
export function injectFaults<S extends EventStore>(store: S): FaultyStore<S> {
  if (!hasMethods(store, ["write", "append", "read", "subscribe"]))
    throw new InvalidArgument("What faults are injected into", "a store", store);
  return new PlannedFaults(store);
}

/** What a reader and a subscriber are refused by. */
const failing = (): Error => new StoreUnavailable("The store", "fails as planned", { retryable: true });

class PlannedFaults<S extends EventStore> implements FaultyStore<S> {
  readonly store: S;
  failed = 0;
  readonly #countMet = (): void => void this.failed++;
  readonly #writes = new WriteFaults(this.#countMet);
  readonly #reads = new ReadFaults(failing);
  readonly #subscriptions = new ReadFaults(failing);
  readonly #open = new Set<FaultySubscription>();

  constructor(store: S) {
    this.store = withCalls(store, {
      write: (items, options) => this.#writes.run(items, () => store.write(items, options)),
      append: (stream, events, options) =>
        this.#writes.run([{ kind: "append", stream, events, expectedVersion: options?.expectedVersion }], () =>
          store.append(stream, events, options),
        ),
      read: <R extends ReadSource>(source: R, options?: ReadOptions<CursorOf<R>>) =>
        new FaultyRead(store.read(source, options), () => this.#reads.next(source), this.#countMet),
      subscribe: <R extends ReadSource>(source: R, options?: SubscribeOptions<CursorOf<R>>) => this.#subscribe(store, source, options),
    });
  }

  get planned(): number {
    return this.#writes.planned + this.#reads.planned + this.#subscriptions.planned;
  }

  failWrites(fault: WriteFault = {}): void {
    this.#writes.plan(fault);
  }

  failReads(fault: ReadFault = {}): void {
    this.#reads.plan(fault, ["source", "times", "skip", "afterEvents", "error"]);
  }

  failSubscriptions(fault: Omit<ReadFault, "afterEvents"> = {}): void {
    this.#subscriptions.plan(fault, ["source", "times", "skip", "error"]);
  }

  dropSubscriptions(fault: ReadFault = {}): number {
    if (typeof fault === "object" && fault !== null && fault.afterEvents !== undefined) {
      this.#subscriptions.plan(fault, ["source", "times", "skip", "afterEvents", "error"]);
      return 0;
    }
    checkOptions("A fault of what is open", fault, ["source", "error"]);
    const [meant, error] = [checkSource(fault.source), checkError(fault.error)];
    const open = [...this.#open].filter(({ source }) => isOf(source, meant));
    for (const subscription of open) subscription.drop(error ?? failing());
    return open.length;
  }

  heal(): void {
    this.#writes.heal();
    this.#reads.heal();
    this.#subscriptions.heal();
  }

  #subscribe<R extends ReadSource>(store: S, source: R, options?: SubscribeOptions<CursorOf<R>>): FaultySubscription {
    const inner = store.subscribe(source, options);
    const onEnd = (ended: FaultySubscription): unknown => this.#open.delete(ended);
    const subscription = new FaultySubscription(inner, {
      source,
      fault: this.#subscriptions.next(source),
      onMet: this.#countMet,
      onEnd,
    });
    this.#open.add(subscription);
    return subscription;
  }
}

/** The store, with some calls of another kind. */
function withCalls<S extends EventStore>(store: S, calls: Pick<EventStore, "write" | "append" | "read" | "subscribe">): S {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(calls, name)) return Reflect.get(calls, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
