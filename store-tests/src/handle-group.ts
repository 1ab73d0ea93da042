import type { Delivery, EventStore } from "@reactive-domain/persistence";
import { newEvent } from "./new-event.ts";

const GROUP = "mailer";
const LEASE_MS = 500;

/**
 * Handles the events of the group `mailer` until there are none for a while: each leads to one event of type `Handled`, written with the settlement. Says
 * `written handled-1 <version> <position>` on standard output.
 */
export async function handleGroup(store: EventStore, consumer: string): Promise<void> {
  const handle = async ({ event, fence }: Delivery): Promise<void> => {
    const handled = newEvent({ type: "Handled", data: JSON.stringify({ position: event.position, consumer }) });
    const result = await store.write([
      { kind: "append", stream: "handled-1", expectedVersion: "any", events: [handled] },
      { kind: "settle", group: GROUP, deliveries: [{ position: event.position, fence, outcome: "acknowledge" }] },
    ]);
    process.stdout.write(`written handled-1 ${result.streams[0]?.version} ${result.position}\n`);
  };
  for (;;) {
    const deliveries = await store.groups.claim(GROUP, { consumer, maxEvents: 5, leaseMs: LEASE_MS, waitMs: 3 * LEASE_MS });
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) await handle(delivery).catch(ignoreLost);
  }
}

function ignoreLost(error: unknown): void {
  if ((error as { readonly code?: unknown }).code !== "delivery-lost") throw error;
}
