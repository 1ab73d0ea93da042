import { AlreadyClosed, currentRuntime, InvalidArgument, type Runtime } from "@reactive-domain/core";
import type { AppendOptions, AppendResult, EventStore } from "../event-store.ts";
import type { CallOptions, EventBatch, EventRead, ReadOptions, ReadSource } from "../read.ts";
import type { NewEvent } from "../recorded-event.ts";
import type { SubscribeOptions, Subscription } from "../subscription.ts";
import type { StreamResult, WriteItem, WriteResult } from "../write.ts";
import { CatchUpSubscription } from "./catch-up-subscription.ts";
import { firstRequest } from "./check-read.ts";
import { checkWrite, DEFAULT_MAX_EVENT_BYTES, type WriteLimits } from "./check-write.ts";
import type { EventStoreDriver, PageRequest } from "./driver.ts";
import { EventReader } from "./event-reader.ts";

/** Settings that every store has. */
export interface EventStoreOptions {
  /** The largest event that is taken, data and metadata together, in bytes of UTF-8. Default 1 MiB. */
  readonly maxEventBytes?: number;
}

/** Makes the whole port of a driver: checks, batches and their event-by-event face, subscriptions, closing. */
export function createEventStore(driver: EventStoreDriver, options: EventStoreOptions = {}): EventStore {
  const maxEventBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  if (!Number.isSafeInteger(maxEventBytes) || maxEventBytes < 1)
    throw new InvalidArgument("maxEventBytes", "an integer from 1", maxEventBytes);
  return new DrivenEventStore(driver, { maxEventBytes });
}

class DrivenEventStore implements EventStore {
  readonly #driver: EventStoreDriver;
  readonly #limits: WriteLimits;
  readonly #runtime: Runtime = currentRuntime();
  readonly #subscriptions = new Set<CatchUpSubscription>();
  #closing: Promise<void> | undefined;

  constructor(driver: EventStoreDriver, limits: WriteLimits) {
    this.#driver = driver;
    this.#limits = limits;
  }

  get durability(): string {
    return this.#driver.durability;
  }

  async write(items: readonly WriteItem[], options: CallOptions = {}): Promise<WriteResult> {
    options.signal?.throwIfAborted();
    checkWrite(items, this.#limits);
    this.#refuseClosed();
    return this.#driver.write(items);
  }

  async append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult> {
    const result = await this.write([{ kind: "append", stream, events, expectedVersion: options.expectedVersion }], options);
    return { ...(result.streams[0] as StreamResult), repeated: result.repeated };
  }

  read(source: ReadSource, options: ReadOptions = {}): EventRead {
    return new EventReader(firstRequest(source, options), {
      readPage: (request) => this.#readPage(request),
      limit: options.limit ?? Number.MAX_SAFE_INTEGER,
      signal: options.signal,
      runtime: this.#runtime,
    });
  }

  subscribe(source: ReadSource, options: SubscribeOptions = {}): Subscription {
    const request = firstRequest(source, options);
    const subscription = new CatchUpSubscription(this.#place(request, options.from === "end"), {
      driver: { readPage: (page) => this.#readPage(page), onCommit: (listener) => this.#driver.onCommit(listener) },
      signal: options.signal,
      runtime: this.#runtime,
      onEnd: (ended) => this.#subscriptions.delete(ended),
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const closed = new AlreadyClosed(this.#driver.name);
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.fail(closed)));
    await this.#driver.close();
  }

  /** The first request of a subscription; one that begins at the end learns, when it is made, where that is. */
  async #place(request: PageRequest, fromEnd: boolean): Promise<PageRequest> {
    if (!fromEnd) return request;
    const { head, lastVersion } = await this.#readPage({
      ...request,
      direction: "backwards",
      from: "end",
      maxEvents: 1,
      filter: undefined,
    });
    return { ...request, from: ((lastVersion === undefined ? head : lastVersion) ?? -1) + 1 };
  }

  #readPage(request: PageRequest): EventBatch | Promise<EventBatch> {
    this.#refuseClosed();
    return this.#driver.readPage(request);
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new AlreadyClosed(this.#driver.name);
  }
}
