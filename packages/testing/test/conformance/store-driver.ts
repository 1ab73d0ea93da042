import { systemScheduler, withRuntime, type Position, type Version } from "@reactive-domain/core";
import type {
  EventBatch,
  EventStore,
  ReadOptions,
  ScavengeResult,
  Snapshot,
  StreamInfo,
  WriteItem,
  WriteResult,
} from "@reactive-domain/persistence";
import type {
  EventStoreDriver,
  GroupDriver,
  LeaseDriver,
  PageRequest,
  SnapshotPageRequest,
  TransferDriver,
} from "@reactive-domain/persistence/adapter";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { InnerGroups } from "./inner-groups.ts";
import { InnerLeases } from "./inner-leases.ts";
import { InnerTransfer } from "./inner-transfer.ts";

/** A driver that does all its work right, by the in-memory store. Those that derive from it do one thing wrong. */
export class StoreDriver implements EventStoreDriver {
  readonly name = "The store under test";
  readonly durability = "none";
  readonly inner: EventStore = withRuntime({ scheduler: systemScheduler }, () => createInMemoryStore());
  readonly leases: LeaseDriver = new InnerLeases(this.inner.leases);
  readonly groups: GroupDriver = new InnerGroups(this.inner.groups, () => this.committed());
  readonly transfer: TransferDriver = new InnerTransfer(this.inner.transfer, () => this.committed());
  readonly #listeners = new Set<() => void>();

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await this.inner.write(items, { systemStreams: true });
    this.committed();
    return result;
  }

  async readPage(request: PageRequest): Promise<EventBatch> {
    return this.#firstBatch(request, {});
  }

  async readBehindSnapshot(request: SnapshotPageRequest): Promise<EventBatch> {
    const { schemaVersion, unlessRecorded, maxVersion } = request.snapshot;
    const snapshot = { schemaVersion, ...(unlessRecorded !== undefined && { unlessRecorded }) };
    return this.#firstBatch({ ...request, from: -1 }, { snapshot, upTo: { version: maxVersion as Version } });
  }

  async #firstBatch({ source, direction, from, maxEvents, maxBytes, filter }: PageRequest, others: ReadOptions): Promise<EventBatch> {
    const place = from === "end" ? from : from < 0 ? "start" : { at: from as Position };
    const options: ReadOptions = {
      direction,
      from: place,
      limit: maxEvents,
      maxBatchEvents: maxEvents,
      maxBatchBytes: maxBytes,
      ...(filter && { filter }),
      ...others,
    };
    for await (const batch of this.inner.read(source, options).batches()) return batch;
    throw new Error("A read gives at least one batch.");
  }

  streamInfo(stream: string): Promise<StreamInfo> {
    return this.inner.streamInfo(stream);
  }

  snapshot(name: string): Promise<Snapshot | undefined> {
    return this.inner.snapshot(name);
  }

  checkpoint(name: string): Promise<Position | null> {
    return this.inner.checkpoint(name);
  }

  scavenge(): Promise<ScavengeResult> {
    return this.inner.scavenge();
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  protected committed(): void {
    for (const listener of this.#listeners) listener();
  }
}
