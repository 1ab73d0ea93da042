import { currentRuntime, type Position, type Version } from "@reactive-domain/core";
import {
  recordedEvent,
  type EventBatch,
  type EventStore,
  type ReadOptions,
  type ReadSource,
  type UpTo,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { StoreDriver } from "./store-driver.ts";

/** Gives the events of every chain. */
export class IgnoresCorrelation extends StoreDriver {
  override readPage(request: PageRequest): Promise<EventBatch> {
    const { correlationId: _, ...filter } = request.filter ?? {};
    return super.readPage({ ...request, filter });
  }
}

/** Takes a single type for the whole filter. */
export class FiltersByOneCondition extends StoreDriver {
  override readPage(request: PageRequest): Promise<EventBatch> {
    const { types } = request.filter ?? {};
    return super.readPage(types?.length === 1 ? { ...request, filter: { types } } : request);
  }
}

/** Counts two bytes too few. */
export class ExceedsBytes extends StoreDriver {
  override readPage(request: PageRequest): Promise<EventBatch> {
    return super.readPage({ ...request, maxBytes: request.maxBytes + 2 });
  }
}

/** Gives no event that is larger than a batch may be. */
export class LosesLargeEvents extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    return { ...batch, events: batch.events.filter(({ data, metadata }) => data.length + metadata.length <= request.maxBytes) };
  }
}

/** Believes its clock. */
export class LetsTimeGoBack extends StoreDriver {
  readonly #clock = currentRuntime().clock;
  readonly #times: Date[] = [];

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    for (let place = this.#times.length; place <= (result.position ?? -1); place++) this.#times.push(new Date(this.#clock.now()));
    return result;
  }

  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    return {
      ...batch,
      events: batch.events.map((event) => recordedEvent({ ...event.toJSON(), time: this.#times[event.position] ?? event.time })),
    };
  }
}

/** The in-memory store whose reads end elsewhere. */
export function storeThatEnds(move: (upTo: UpTo) => UpTo): EventStore {
  const store = createInMemoryStore();
  return new Proxy(store, {
    get(target, name) {
      if (name === "read") {
        return (source: ReadSource, { upTo, ...options }: ReadOptions<never> = {}) =>
          store.read(source, upTo === undefined ? options : { ...options, upTo: move(upTo) });
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Moves an end by so many places, or milliseconds. */
export function movedBy(by: number): (upTo: UpTo) => UpTo {
  return (upTo) => {
    if ("version" in upTo) return { version: Math.max(0, upTo.version + by) as Version };
    if ("position" in upTo) return { position: Math.max(0, upTo.position + by) as Position };
    return { time: new Date(upTo.time.getTime() + by) };
  };
}
