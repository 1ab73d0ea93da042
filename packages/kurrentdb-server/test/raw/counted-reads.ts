import type { EventStore } from "@reactive-domain/persistence";

/** How many events were read from a store for others. */
export interface CountedReads {
  readonly store: EventStore;
  readonly events: number;
}

/** Counts the events of all reads and subscriptions of a store when they are handed out. */
export function countReads(store: EventStore): CountedReads {
  let events = 0;
  const count = (handedOut: { readonly length: number }): void => {
    events += handedOut.length;
  };
  const calls: Pick<EventStore, "read" | "subscribe"> = {
    read: (source, options) => {
      const read = store.read(source, options);
      return {
        batches: () => counting(read.batches(), (batch) => count(batch.events)),
        [Symbol.asyncIterator]: () => counting(read, () => count([1])),
      };
    },
    subscribe: (source, options) => {
      const subscription = store.subscribe(source, options);
      const next = subscription.next.bind(subscription);
      subscription.next = async () => {
        const step = await next();
        if (step.done !== true && step.value.kind === "events") count(step.value.events);
        return step;
      };
      return subscription;
    },
  };
  const counted = new Proxy(store, {
    get: (target, key) => {
      const value: unknown = Reflect.get(Object.hasOwn(calls, key) ? calls : target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return {
    store: counted,
    get events() {
      return events;
    },
  };
}

async function* counting<T>(batches: AsyncIterable<T>, count: (batch: T) => void): AsyncGenerator<T> {
  for await (const batch of batches) {
    count(batch);
    yield batch;
  }
}
