import { openKurrentStore } from "@reactive-domain/kurrentdb";

// Takes events of a group one batch after another and settles them, until nothing comes for a second; says what it takes before it settles it.
const [url = "", consumer = "", group = ""] = process.argv.slice(2);
await using store = await openKurrentStore(url);
process.stdout.write("working\n");
for (;;) {
  const deliveries = await store.groups.claim(group, { consumer, maxEvents: 5, leaseMs: 60_000, waitMs: 1_000 });
  if (deliveries.length === 0) break;
  for (const { event } of deliveries) process.stdout.write(`taken ${event.stream} ${event.version} ${event.position}\n`);
  const settlements = deliveries.map(({ position, fence }) => ({ position, fence, outcome: "acknowledge" as const }));
  await store.write([{ kind: "settle", group, deliveries: settlements }]);
  for (const { event } of deliveries) process.stdout.write(`settled ${event.stream} ${event.version} ${event.position}\n`);
}
