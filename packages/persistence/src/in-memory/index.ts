import { createEventStore, type EventStoreOptions } from "../adapter/create-event-store.ts";
import type { EventStore } from "../event-store.ts";
import { InMemoryDriver } from "./in-memory-driver.ts";

export type { EventStoreOptions } from "../adapter/create-event-store.ts";
export { createInMemoryReadModels } from "./memory-read-models.ts";

/** An event store that lives as long as it is referred to: for tests, simulations and trying things out. It keeps every promise of the port but durability. */
export function createInMemoryStore(options: EventStoreOptions = {}): EventStore {
  return createEventStore(new InMemoryDriver(), options);
}
