import type { Delivery } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";

/**
 * Handles the events of the group `mailer` until there are none for a while: each leads to one event of type `Handled`, written with the settlement. Says
 * `written handled-1 <version> <position>`.
 */
const [url = "", consumer = ""] = process.argv.slice(2);
const GROUP = "mailer";
const LEASE_MS = 500;

const store = await openPostgresStore(url);

async function handle({ event, fence }: Delivery): Promise<void> {
  const handled = newEvent({ type: "Handled", data: JSON.stringify({ position: event.position, consumer }) });
  const result = await store.write([
    { kind: "append", stream: "handled-1", expectedVersion: "any", events: [handled] },
    { kind: "settle", group: GROUP, deliveries: [{ position: event.position, fence, outcome: "acknowledge" }] },
  ]);
  process.stdout.write(`written handled-1 ${result.streams[0]?.version} ${result.position}\n`);
}

for (;;) {
  const deliveries = await store.groups.claim(GROUP, { consumer, maxEvents: 5, leaseMs: LEASE_MS, waitMs: 3 * LEASE_MS });
  if (deliveries.length === 0) break;
  for (const delivery of deliveries) await handle(delivery).catch(ignoreLost);
}
await store.close();

function ignoreLost(error: unknown): void {
  if ((error as { readonly code?: unknown }).code !== "delivery-lost") throw error;
}
