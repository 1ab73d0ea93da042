import { setMaxListeners } from "node:events";
import { AlreadyClosed, currentRuntime, InvalidArgument, type Position, type Runtime } from "@reactive-domain/core";
import type { Capability, Gaps } from "../capability.ts";
import type { ConsumerGroups } from "../consumer-group.ts";
import { NotSupported } from "../errors.ts";
import type { AppendOptions, AppendResult, EventStore, ScavengeResult, WriteOptions } from "../event-store.ts";
import type { Leases } from "../lease.ts";
import type { CallOptions, EventBatch, EventRead, ReadOptions, ReadSource } from "../read.ts";
import type { NewEvent } from "../recorded-event.ts";
import type { Snapshot } from "../snapshot.ts";
import type { StreamInfo } from "../stream-metadata.ts";
import type { SubscribeOptions, Subscription } from "../subscription.ts";
import type { Transfer } from "../transfer.ts";
import type { StreamResult, WriteItem, WriteResult } from "../write.ts";
import { answerWithin } from "./answer-within.ts";
import { capabilitiesOf } from "./capability-of.ts";
import { CatchUpSubscription } from "./catch-up-subscription.ts";
import { checkArgument, checkOptions } from "./check-name.ts";
import { firstRequest } from "./check-read.ts";
import { snapshotRequest } from "./check-snapshot-start.ts";
import type { WriteLimits } from "./check-event.ts";
import { DEFAULT_MAX_EVENT_BYTES } from "./check-write.ts";
import { checkedItems } from "./checked-items.ts";
import { CheckedGroups } from "./checked-groups.ts";
import { CheckedLeases } from "./checked-leases.ts";
import { CheckedTransfer } from "./checked-transfer.ts";
import type { EventStoreDriver, MaybePromise, PageRequest, SnapshotPageRequest } from "./driver.ts";
import { EventReader } from "./event-reader.ts";
import { gapsOf } from "./gaps-of.ts";
import { takeTurn } from "./take-turn.ts";

/** Settings that every store has. */
export interface EventStoreOptions {
  /** The largest event that is taken, data and metadata together, in bytes of UTF-8. Default 1 MiB. */
  readonly maxEventBytes?: number;
}

/** Makes the whole port of a driver: checks, batches and their event-by-event face, subscriptions, waiting, closing. */
export function createEventStore(driver: EventStoreDriver, options: EventStoreOptions = {}): EventStore {
  const maxEventBytes = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  if (!Number.isSafeInteger(maxEventBytes) || maxEventBytes < 1)
    throw new InvalidArgument("maxEventBytes", "an integer from 1", maxEventBytes);
  return new DrivenEventStore(driver, { maxEventBytes });
}

const DEFAULT_BATCH_EVENTS = 250;

class DrivenEventStore implements EventStore {
  readonly gaps: Gaps;
  readonly leases: Leases;
  readonly groups: ConsumerGroups;
  readonly transfer: Transfer;
  readonly #driver: EventStoreDriver;
  readonly #limits: WriteLimits;
  readonly #hasGaps: boolean;
  readonly #runtime: Runtime = currentRuntime();
  readonly #subscriptions = new Set<CatchUpSubscription>();
  readonly #closed = new AbortController();
  /** Settles when the subscriptions that begin at the end know where that is. */
  #placing: Promise<unknown> | undefined;
  #closing: Promise<void> | undefined;

  constructor(driver: EventStoreDriver, limits: WriteLimits) {
    this.#driver = driver;
    this.#limits = limits;
    this.gaps = gapsOf(driver);
    this.#hasGaps = Object.keys(this.gaps).length > 0;
    const closed = this.#closed.signal;
    // Every claim that waits listens to it.
    setMaxListeners(0, closed);
    this.leases = new CheckedLeases({ driver: () => this.#part("leases", driver.leases), runtime: this.#runtime });
    this.groups = new CheckedGroups({
      driver: () => this.#part("consumerGroups", driver.groups),
      onCommit: (listener) => driver.onCommit(listener),
      closed,
      runtime: this.#runtime,
    });
    this.transfer = new CheckedTransfer({
      driver: () => this.#part("transfer", driver.transfer),
      refuseGap: (capability) => this.#refuseGap(capability),
      runtime: this.#runtime,
    });
  }

  get durability(): string {
    return this.#driver.durability;
  }

  async write(items: readonly WriteItem[], options: WriteOptions = {}): Promise<WriteResult> {
    options.signal?.throwIfAborted();
    const own = checkedItems(items, options.systemStreams === true ? { ...this.#limits, systemStreams: true } : this.#limits);
    this.#refuseClosed();
    if (this.#hasGaps) for (const capability of capabilitiesOf(own, options)) this.#refuseGap(capability);
    if (this.#placing !== undefined) await this.#placed(options.signal);
    return this.#driver.write(own);
  }

  async append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult> {
    checkOptions(options);
    const result = await this.write([{ kind: "append", stream, events, expectedVersion: options.expectedVersion }], options);
    const { version, position } = result.streams[0] as StreamResult;
    return { stream, version, position, repeated: result.repeated };
  }

  read(source: ReadSource, options: ReadOptions = {}): EventRead {
    const first = this.#firstRequest(source, options);
    const behind = snapshotRequest(first, options);
    return new EventReader(first, {
      readPage: (request) => this.#readPage(request),
      ...(behind !== undefined && { readFirst: ({ maxEvents }) => this.#readBehindSnapshot({ ...behind, maxEvents }) }),
      limit: options.limit ?? Number.MAX_SAFE_INTEGER,
      upTo: options.upTo,
      signal: options.signal,
      runtime: this.#runtime,
    });
  }

  subscribe(source: ReadSource, options: SubscribeOptions = {}): Subscription {
    const request = this.#firstRequest(source, options);
    const subscription = new CatchUpSubscription(options.from === "end" ? this.#place(request) : request, {
      driver: { readPage: (page) => this.#readPage(page), onCommit: (listener) => this.#driver.onCommit(listener) },
      signal: options.signal,
      runtime: this.#runtime,
      onEnd: (ended) => this.#subscriptions.delete(ended),
    });
    if (this.#closing !== undefined) subscription.fail("store-closed", new AlreadyClosed(this.#driver.name));
    // One whose signal was aborted before has ended.
    else if (options.signal?.aborted !== true) this.#subscriptions.add(subscription);
    return subscription;
  }

  async streamInfo(stream: string, options: CallOptions = {}): Promise<StreamInfo> {
    checkArgument(stream, "stream");
    await takeTurn(this.#runtime, options.signal);
    this.#refuseClosed();
    return answerWithin(this.#driver.streamInfo(stream), options.signal);
  }

  async snapshot(name: string, options: CallOptions = {}): Promise<Snapshot | undefined> {
    checkArgument(name, "name");
    await takeTurn(this.#runtime, options.signal);
    return answerWithin(this.#part("snapshots", this.#driver.snapshot?.bind(this.#driver))(name), options.signal);
  }

  async checkpoint(name: string, options: CallOptions = {}): Promise<Position | null> {
    checkArgument(name, "name");
    await takeTurn(this.#runtime, options.signal);
    return answerWithin(this.#part("checkpoints", this.#driver.checkpoint?.bind(this.#driver))(name), options.signal);
  }

  async scavenge(options: CallOptions = {}): Promise<ScavengeResult> {
    await takeTurn(this.#runtime, options.signal);
    return this.#part("scavenge", this.#driver.scavenge?.bind(this.#driver))();
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
    for (const subscription of this.#subscriptions) subscription.fail("store-closed", closed);
    this.#closed.abort(closed);
    await this.#driver.close();
  }

  #firstRequest(source: ReadSource, options: ReadOptions | SubscribeOptions): PageRequest {
    return firstRequest(source, options, this.#driver.batchEvents ?? DEFAULT_BATCH_EVENTS);
  }

  /** The first request of a subscription that begins at the end: where that is, it learns when it is made. What is written from now on lies behind. */
  #place(request: PageRequest): Promise<PageRequest> {
    const place = this.#behindEnd(request);
    const placing = Promise.allSettled([this.#placing, place]);
    this.#placing = placing;
    void placing.then(() => {
      if (this.#placing === placing) this.#placing = undefined;
      return undefined;
    });
    return place;
  }

  async #placed(signal: AbortSignal | undefined): Promise<void> {
    while (this.#placing !== undefined) await answerWithin(this.#placing, signal);
    this.#refuseClosed();
  }

  async #behindEnd(request: PageRequest): Promise<PageRequest> {
    const end = await this.#readPage({ ...request, direction: "backwards", from: "end", maxEvents: 1, filter: undefined });
    return { ...request, from: ((end.lastVersion === undefined ? end.head : end.lastVersion) ?? -1) + 1 };
  }

  #readPage(request: PageRequest): MaybePromise<EventBatch> {
    this.#refuseClosed();
    return this.#driver.readPage(request);
  }

  #readBehindSnapshot(request: SnapshotPageRequest): MaybePromise<EventBatch> {
    this.#refuseClosed();
    return this.#driver.readBehindSnapshot?.(request) ?? this.#driver.readPage(request);
  }

  /** A part of the driver that not every driver has. Errors: `already-closed`, `not-supported`. */
  #part<T>(capability: Capability, part: T): NonNullable<T> {
    this.#refuseClosed();
    this.#refuseGap(capability);
    return part as NonNullable<T>;
  }

  #refuseGap(capability: Capability): void {
    const reason = this.gaps[capability];
    if (reason !== undefined) throw new NotSupported(this.#driver.name, capability, reason);
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new AlreadyClosed(this.#driver.name);
  }
}
