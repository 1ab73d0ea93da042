import type { EventBatch, EventStore, WriteItem, WriteOptions } from "@reactive-domain/persistence";
import { createEventStore, type PageRequest } from "@reactive-domain/persistence/adapter";
import { StoreDriver } from "./store-driver.ts";

/** Keeps what is the system's to itself. */
export class HidesTheSystem extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    return "stream" in request.source ? batch : { ...batch, events: batch.events.filter(({ stream }) => !stream.startsWith("$")) };
  }
}

/** Takes names of the system from everybody. */
export function openToEverybody(): EventStore {
  const store = createEventStore(new StoreDriver());
  const write = store.write.bind(store);
  return Object.assign(store, {
    write: (items: readonly WriteItem[], options?: WriteOptions) => write(items, { ...options, systemStreams: true }),
  });
}
