import { position, version } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { newEvents } from "./new-event.ts";

/** Puts something of everything into a new store: 7 events in two streams, a snapshot, a checkpoint, a group with two events under way. */
export async function fillStore(store: EventStore): Promise<void> {
  await store.append("account-1", newEvents(4), { expectedVersion: "noStream" });
  await store.append("account-2", newEvents(3), { expectedVersion: "noStream" });
  await store.write([
    { kind: "checkpoint", name: "balances", expected: null, position: position(4) },
    {
      kind: "snapshot",
      name: "account-1",
      version: version(3),
      schemaVersion: 1,
      hash: "h",
      contentType: "application/json",
      data: "{}",
    },
  ]);
  await store.groups.create("mailer", { source: { all: true }, from: "start" });
  await store.groups.claim("mailer", { consumer: "one", maxEvents: 2, leaseMs: 60_000 });
}

/** What the status of a store tells of what {@link fillStore} has put into it. */
export const FILLED_STATUS = {
  head: 6,
  events: { count: 7, isExact: true },
  streams: 2,
  snapshots: 1,
  checkpoints: [{ name: "balances", position: 4, lag: 2 }],
  groups: [{ name: "mailer", lag: 5, waiting: 0, claimed: 2, parked: 0 }],
  copy: null,
} as const;
