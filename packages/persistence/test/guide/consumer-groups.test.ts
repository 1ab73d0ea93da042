import type { Settlement } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("consumers share the events of a source, and settle them together with what they led to", async () => {
  await using store = createInMemoryStore();
  const write = (stream: string, type: string) => store.append(stream, [newEvent(type, {})], { expectedVersion: "any" });
  await write("order-1", "Placed");
  await write("order-1", "Changed");
  await write("order-2", "Refused");
  // #region group
  await store.groups.create("mails", { source: { category: "order" }, orderBy: "stream", maxAttempts: 3, retryDelayMs: 500 });

  const deliveries = await store.groups.claim("mails", { consumer: "worker-1", maxEvents: 10, leaseMs: 30_000, waitMs: 0 });
  const settled = deliveries.map(({ event, fence }): Settlement => {
    const { position } = event;
    if (event.type === "Refused") return { position, fence, outcome: "park", error: "no address" };
    return { position, fence, outcome: "acknowledge" };
  });
  await store.write([
    { kind: "settle", group: "mails", deliveries: settled }, // delivery-lost if a lease ended meanwhile: then nothing is done
    { kind: "append", stream: "mail-1", expectedVersion: "any", events: [newEvent("MailSent", {})] },
  ]);
  // #endregion
  // #region parked
  const [parked] = await store.groups.parked("mails"); // for somebody to look at
  const replayed = await store.groups.replayParked("mails", { error: "no address" }); // they come again
  const { waiting, settledUpTo, head } = await store.groups.status("mails");
  // #endregion
  expect(deliveries.map(({ event, attempt }) => [event.type, attempt])).toEqual([
    ["Placed", 1],
    ["Changed", 1],
    ["Refused", 1],
  ]);
  expect(parked).toMatchObject({ error: "no address", attempts: 1 });
  expect({ replayed, waiting, settledUpTo, head }).toEqual({ replayed: 1, waiting: 1, settledUpTo: 1, head: 3 });
});
