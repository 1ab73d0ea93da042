import { InvalidArgument, warn } from "@reactive-domain/core";
import { isThenable, type Unsubscribe } from "@reactive-domain/messaging";
import { PropertyReader, type PropertyState } from "./property-reader.ts";
import { PropertyUnsettled } from "./property-unsettled.ts";

/** Is told the values of a property. It is not waited for: a promise that it returns and that is rejected is a warning of the process. */
export type PropertySubscriber<T> = (value: T) => unknown;

export interface PropertyChangesOptions {
  /** Ends the changes: reading them rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A value that changes, to those who may look and not touch. */
export interface ReadableProperty<T> {
  /** What it is now. */
  readonly value: T;
  /**
   * Tells the value now, before this returns, and each newer one as it is set, until the returned function is called. Nobody is told an older value after a newer one; a value
   * that was replaced while others were told of it may be left out. The same function that subscribes twice is told twice.
   *
   * A subscriber that throws does not keep others from being told, and stays: what it throws is a warning of the process. What it throws at its first value, it throws
   * here, and is not subscribed.
   *
   * Errors: `invalid-argument`.
   */
  subscribe(subscriber: PropertySubscriber<T>): Unsubscribe;
  /**
   * The value now, and then each time the newest: what was set while the reader was busy is passed over, but for the last. It ends when the reader leaves the loop; an
   * abort makes it reject. Every loop over it begins with the value of its own time.
   *
   * @example
   * for await (const balance of balances.total.changes({ signal })) response.write(`data: ${balance}\n\n`);
   */
  changes(options?: PropertyChangesOptions): AsyncIterable<T>;
}

export interface ObservablePropertyOptions<T> {
  /** Whether a value that is set says nothing new. Default `Object.is`. */
  readonly equals?: (current: T, next: T) => boolean;
}

export interface SetOptions {
  /** Has it told even if it is equal to what there is. Default `false`. */
  readonly force?: boolean;
}

interface Subscription<T> {
  readonly subscriber: PropertySubscriber<T>;
  seen: PropertyState<T>;
}

/** Subscribers that answer what they are told by setting it anew more often than that are taken for having no end. */
const MAX_ROUNDS = 10_000;

/**
 * A value that tells those who asked when it changes. Whoever makes it sets it; hand it out as a {@link ReadableProperty}.
 *
 * A subscriber may set it, subscribe others and end subscriptions while it is told: what it sets is told when it has returned, to all.
 *
 * @example
 * class Statistics extends ReadModelBase {
 *   readonly #total = new ObservableProperty(0);
 *   readonly total: ReadableProperty<number> = this.#total;
 *   constructor() {
 *     super();
 *     this.on(AmountDeposited, ({ amount }) => this.#total.set(this.#total.value + amount));
 *   }
 * }
 */
export class ObservableProperty<T> implements ReadableProperty<T> {
  readonly #equals: (current: T, next: T) => boolean;
  readonly #subscriptions = new Set<Subscription<T>>();
  /** Readers that wait for something new. */
  readonly #waiting = new Set<() => void>();
  #state: PropertyState<T>;
  #isTelling = false;
  #rounds = 0;

  /** Errors: `invalid-argument`. */
  constructor(value: T, { equals = Object.is }: ObservablePropertyOptions<T> = {}) {
    if (typeof equals !== "function") throw new InvalidArgument("equals", "a function", equals);
    this.#equals = equals;
    this.#state = { value, version: 0, forcedAt: 0 };
  }

  get value(): T {
    return this.#state.value;
  }

  /**
   * Puts a value in the place of the last one and tells it, before this returns unless a subscriber sets it. One that is equal to the last changes nothing and is not
   * told, unless it is forced, as for an object that was changed in place.
   *
   * Errors: `property-unsettled`, to a subscriber that sets it whenever it is told, without an end; what `equals` throws.
   */
  set(value: T, { force = false }: SetOptions = {}): void {
    if (!force && this.#equals(this.#state.value, value)) return;
    if (this.#rounds > MAX_ROUNDS) throw new PropertyUnsettled(MAX_ROUNDS);
    const version = this.#state.version + 1;
    this.#state = { value, version, forcedAt: force ? version : this.#state.forcedAt };
    for (const wake of this.#waiting) wake();
    this.#telling(() => undefined);
  }

  subscribe(subscriber: PropertySubscriber<T>): Unsubscribe {
    if (typeof subscriber !== "function") throw new InvalidArgument("subscriber", "a function", subscriber);
    const subscription: Subscription<T> = { subscriber, seen: this.#state };
    this.#subscriptions.add(subscription);
    this.#telling(() => {
      try {
        mind(subscriber(this.#state.value));
      } catch (error) {
        this.#subscriptions.delete(subscription);
        throw error;
      }
    });
    return () => void this.#subscriptions.delete(subscription);
  }

  changes({ signal }: PropertyChangesOptions = {}): AsyncIterable<T> {
    const source = {
      newsFor: (seen: PropertyState<T> | undefined) => this.#newsFor(seen),
      waiting: this.#waiting,
    };
    return { [Symbol.asyncIterator]: () => new PropertyReader(source, signal) };
  }

  /** Does something in which subscribers run, and then tells all of them what was set meanwhile. Within another telling that one does it. */
  #telling(work: () => void): void {
    if (this.#isTelling) return work();
    this.#isTelling = true;
    try {
      work();
    } finally {
      this.#tellAll();
      this.#isTelling = false;
      this.#rounds = 0;
    }
  }

  #tellAll(): void {
    let told: PropertyState<T>;
    do {
      told = this.#state;
      this.#rounds++;
      for (const subscription of this.#subscriptions) this.#tell(subscription);
    } while (told !== this.#state);
  }

  #tell(subscription: Subscription<T>): void {
    const state = this.#state;
    try {
      if (this.#newsFor(subscription.seen) === undefined) return;
      subscription.seen = state;
      mind(subscription.subscriber(state.value));
    } catch (error) {
      subscription.seen = state;
      warn(error);
    }
  }

  /** What is new to somebody who has seen this; `undefined` where nothing is. */
  #newsFor(seen: PropertyState<T> | undefined): PropertyState<T> | undefined {
    const { version, value, forcedAt } = this.#state;
    if (seen === undefined) return this.#state;
    if (seen.version === version) return undefined;
    return forcedAt > seen.version || !this.#equals(seen.value, value) ? this.#state : undefined;
  }
}

/** A promise that nobody waits for must not end the process. */
function mind(answer: unknown): void {
  if (isThenable(answer)) Promise.resolve(answer).then(undefined, warn);
}
