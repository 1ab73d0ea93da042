import { at, position, version, type EventBatch, type EventStore } from "@reactive-domain/foundation";
import type { WriteItem } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver, type PageRequest } from "@reactive-domain/persistence/adapter";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { Gate } from "./gate.ts";

/** A store in memory whose questions wait for as long as it hangs; what is written is written. */
export interface HangingStore {
  readonly store: EventStore;
  /** How often it was asked where its log ends, or for events. */
  readonly asked: () => number;
  hang(): void;
  goOn(): void;
}

export function hangingStore(): HangingStore {
  const driver = new GatedDriver();
  return {
    store: createEventStore(driver),
    asked: () => driver.asked,
    hang: () => {
      driver.gate = new Gate();
    },
    goOn: () => driver.gate?.open(),
  };
}

class GatedDriver implements EventStoreDriver {
  readonly name = "The hanging store";
  readonly durability = "none";
  readonly gaps = {};
  gate: Gate | undefined;
  asked = 0;
  readonly #log = createInMemoryStore();
  readonly #listeners = new Set<() => void>();

  async write(items: readonly WriteItem[]): ReturnType<EventStoreDriver["write"]> {
    const result = await this.#log.write(items);
    for (const listener of this.#listeners) listener();
    return result;
  }

  readPage({ source, from, direction, maxEvents, filter }: PageRequest): Promise<EventBatch> {
    return this.#answer(async () => {
      const place = from === "end" ? ("end" as const) : at("stream" in source ? version(from) : position(from));
      const options = { from: place, direction, maxBatchEvents: maxEvents, ...(filter && { filter }) };
      for await (const batch of this.#log.read(source, options).batches()) return batch;
      throw new Error("A read has a batch at least.");
    });
  }

  streamInfo(stream: string): ReturnType<EventStore["streamInfo"]> {
    return this.#answer(() => this.#log.streamInfo(stream));
  }

  readonly transfer: NonNullable<EventStoreDriver["transfer"]> = {
    status: () => this.#answer(() => this.#log.transfer.status()),
    records: () => [],
    take: () => Promise.reject(new Error("Nothing is copied here.")),
  };

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.gate?.open();
    await this.#log.close();
  }

  async #answer<T>(look: () => Promise<T>): Promise<T> {
    this.asked++;
    await this.gate?.pass();
    return look();
  }
}
