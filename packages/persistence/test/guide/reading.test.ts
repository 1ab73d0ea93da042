import { version } from "@reactive-domain/core";
import { after } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("a read has a source, a place, an end, a filter and bounds", async () => {
  await using store = createInMemoryStore();
  for (const [stream, type] of [
    ["account-1", "Opened"],
    ["order-1", "Placed"],
    ["account-1", "Deposited"],
    ["account-1", "Deposited"],
    ["account-2", "Opened"],
  ] as const)
    await store.append(stream, [newEvent(type, {})], { expectedVersion: "any" });

  const types: string[] = [];
  // #region read
  for await (const event of store.read({ stream: "account-1" }, { from: after(version(0)), upTo: { version: version(1) } })) {
    types.push(event.type); // version 1, and nothing behind it
  }

  const deposits = store.read(
    { all: true },
    {
      direction: "backwards",
      limit: 100,
      filter: { types: ["Deposited"], categories: ["account"], streamPrefix: "account-", correlationId: "c-1" },
      maxBatchEvents: 50,
      maxBatchBytes: 256 * 1024, // a page ends before it is larger; one event it always has
    },
  );
  let head: number | null = null;
  for await (const batch of deposits.batches()) {
    types.push(...batch.events.map(({ type }) => type));
    head = batch.head; // where the log ended when this page was read
  }
  // #endregion
  expect(types).toEqual(["Deposited", "Deposited", "Deposited"]);
  expect(head).toBe(4);
});
