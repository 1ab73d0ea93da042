import type { Delivery } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";

/**
 * Handles the events of a group until there are none for a while: each leads to one event of type `Handled`, written with the settlement. Says on standard output
 * what was acknowledged: `stream version position`.
 */
const [path = "", consumer = ""] = process.argv.slice(2);
const GROUP = "mailer";
const LEASE_MS = 500;

const store = await openSqliteStore(path, { pollIntervalMs: 5 });

async function handle({ event, fence }: Delivery): Promise<void> {
  const handled = newEvent({ type: "Handled", data: JSON.stringify({ position: event.position, consumer }) });
  const result = await store.write([
    { kind: "append", stream: "handled-1", expectedVersion: "any", events: [handled] },
    { kind: "settle", group: GROUP, deliveries: [{ position: event.position, fence, outcome: "acknowledge" }] },
  ]);
  process.stdout.write(`handled-1 ${result.streams[0]?.version} ${result.position}\n`);
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
