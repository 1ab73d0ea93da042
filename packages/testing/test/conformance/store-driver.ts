import { systemScheduler, withRuntime, type Position } from "@reactive-domain/core";
import type { EventBatch, EventStore, ReadOptions, WriteItem, WriteResult } from "@reactive-domain/persistence";
import type { EventStoreDriver, PageRequest } from "@reactive-domain/persistence/adapter";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";

/** A driver that does all its work right, by the in-memory store. Those that derive from it do one thing wrong. */
export class StoreDriver implements EventStoreDriver {
  readonly name = "The store under test";
  readonly durability = "none";
  readonly inner: EventStore = withRuntime({ scheduler: systemScheduler }, () => createInMemoryStore());
  readonly #listeners = new Set<() => void>();

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await this.inner.write(items);
    this.committed();
    return result;
  }

  async readPage({ source, direction, from, maxEvents, filter }: PageRequest): Promise<EventBatch> {
    const place = from === "end" ? from : from < 0 ? "start" : { at: from as Position };
    const options: ReadOptions<Position> = {
      direction,
      from: place,
      limit: maxEvents,
      maxBatchEvents: maxEvents,
      ...(filter && { filter }),
    };
    for await (const batch of this.inner.read(source, options).batches()) return batch;
    throw new Error("A read gives at least one batch.");
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
