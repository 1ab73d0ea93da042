import type {
  EventStore,
  ReadSource,
  RecordedEvent,
  SubscribeOptions,
  Subscription,
  SubscriptionMessage,
} from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";

type Subscribe = (store: EventStore, source: ReadSource, options: SubscribeOptions) => Subscription;

/** The in-memory store with other subscriptions. */
export function storeThatSubscribes(subscribe: Subscribe): EventStore {
  const store = createInMemoryStore();
  return new Proxy(store, {
    get(target, name) {
      if (name === "subscribe") return (source: ReadSource, options: SubscribeOptions = {}) => subscribe(store, source, options);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Gives every subscription without its filter. */
export const ignoresFilters: Subscribe = (store, source, { from = "start", maxBatchEvents = 250 }) =>
  store.subscribe(source, { from, maxBatchEvents });

/** Gives the last event of the history once more behind the live signal. */
export const repeatsAtTheSwitch: Subscribe = (store, source, options) => {
  let last: RecordedEvent | undefined;
  return changed(store.subscribe(source, options), (message) => {
    if (message.kind === "events") {
      last = message.events.at(-1) ?? last;
      return [message];
    }
    return last === undefined ? [message] : [message, { kind: "events", events: [last], upTo: message.upTo }];
  });
};

/** Signals that it is live twice. */
export const signalsLiveTwice: Subscribe = (store, source, options) =>
  changed(store.subscribe(source, options), (message) => (message.kind === "live" ? [message, message] : [message]));

/** Signals that it is live before the history. */
export const signalsLiveFirst: Subscribe = (store, source, options) => {
  let isFirst = true;
  return changed(store.subscribe(source, options), (message) => {
    const signal: readonly SubscriptionMessage[] = isFirst ? [{ kind: "live", upTo: null }] : [];
    isFirst = false;
    return message.kind === "live" ? signal : [...signal, message];
  });
};

/** Keeps quiet about what it does not select. */
export const hidesProgress: Subscribe = (store, source, options) =>
  changed(store.subscribe(source, options), (message) => (message.kind === "events" && message.events.length === 0 ? [] : [message]));

/** Says that everything is told before it is. */
export const claimsTooMuch: Subscribe = (store, source, options) => {
  const log: number[] = [];
  void countInto(store, log);
  return changed(store.subscribe(source, options), (message) => [{ ...message, upTo: (log.length - 1) as never }]);
};

/** Begins when it is first read. */
export const beginsLate: Subscribe = (store, source, options) => {
  let made: Subscription | undefined;
  const inner = (): Subscription => (made ??= store.subscribe(source, options));
  return {
    get dropped() {
      return inner().dropped;
    },
    next: () => inner().next(),
    events: () => inner().events(),
    close: () => inner().close(),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => inner().close(),
  };
};

/** Gives only the first event of each batch to those who take events one by one. */
export const skipsOneByOne: Subscribe = (store, source, options) => {
  const subscription = store.subscribe(source, options);
  return {
    ...changed(subscription, (message) => [message]),
    async *events(): AsyncGenerator<RecordedEvent> {
      for await (const message of subscription) if (message.kind === "events") yield* message.events.slice(0, 1);
    },
  };
};

/** Ends a pending wait only when something is written. */
export const waitsForEver: Subscribe = (store, source, options) => {
  const subscription = store.subscribe(source, options);
  return {
    dropped: subscription.dropped,
    next: () => subscription.next(),
    events: () => subscription.events(),
    close: async () => undefined,
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};

/** Says of every end that its reader wanted it. */
export const blamesItsReader: Subscribe = (store, source, options) => {
  const subscription = store.subscribe(source, options);
  const dropped = subscription.dropped.then(() => ({ reason: "closed", error: undefined }) as const);
  return { ...changed(subscription, (message) => [message]), dropped };
};

/** A subscription each of whose messages becomes others. */
function changed(subscription: Subscription, change: (message: SubscriptionMessage) => readonly SubscriptionMessage[]): Subscription {
  const waiting: SubscriptionMessage[] = [];
  return {
    dropped: subscription.dropped,
    async next(): Promise<IteratorResult<SubscriptionMessage>> {
      while (waiting.length === 0) {
        const result = await subscription.next();
        if (result.done === true) return result;
        waiting.push(...change(result.value));
      }
      return { done: false, value: waiting.shift() as SubscriptionMessage };
    },
    async return(): Promise<IteratorResult<SubscriptionMessage>> {
      await subscription.close();
      return { done: true, value: undefined };
    },
    events: () => subscription.events(),
    close: () => subscription.close(),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => subscription.close(),
  };
}

/** Lists the positions of a log as it grows. */
async function countInto(store: EventStore, positions: number[]): Promise<void> {
  try {
    for await (const message of store.subscribe({ all: true })) {
      if (message.kind === "events") positions.push(...message.events.map(({ position }) => position));
    }
  } catch {
    // The store was closed.
  }
}
