import type { EventStore } from "@reactive-domain/persistence";
import { createEventStore } from "@reactive-domain/persistence/adapter";
import type { KurrentStoreOptions } from "./kurrent-store-options.ts";
import { openKurrentDriver } from "./open-kurrent-driver.ts";

/**
 * Opens the event store on a KurrentDB or EventStoreDB server, or a cluster, by a URL such as `kurrentdb://localhost:2113?tls=false` or
 * `esdb+discover://admin:secret@db.example.com`. Nothing is made there. What the server lacks stands in `gaps`.
 *
 * Errors: `store-unavailable` (no server, or one that refuses the user or is too old), `invalid-argument`.
 *
 * @example
 * await using store = await openKurrentStore("kurrentdb://localhost:2113?tls=false");
 */
export async function openKurrentStore(url: string, options: KurrentStoreOptions = {}): Promise<EventStore> {
  const driver = await openKurrentDriver(url, options);
  const { maxEventBytes } = options;
  return createEventStore(driver, maxEventBytes === undefined ? {} : { maxEventBytes });
}
