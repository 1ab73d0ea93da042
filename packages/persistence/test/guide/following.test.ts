import { position } from "@reactive-domain/core";
import { after } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("a subscription gives history, one live signal, then new events, and says why it ended", async () => {
  await using store = createInMemoryStore();
  const write = (type: string) => store.append("account-1", [newEvent(type, {})], { expectedVersion: "any" });
  await write("Opened");
  await write("Deposited");
  const log: string[] = [];
  // #region subscribe
  const subscription = store.subscribe({ category: "account" }, { from: after(position(0)), filter: { types: ["Deposited"] } });

  for await (const message of subscription) {
    if (message.kind === "events") log.push(...message.events.map(({ type, position: place }) => `${type} at ${place}`));
    else log.push(`live, everything up to ${message.upTo} has come`);
    if (message.kind === "live") await write("Deposited");
    if (message.upTo === 2) await subscription.close(); // ends the loop
  }
  const { reason } = await subscription.dropped; // closed, aborted, store-closed or failed
  // #endregion
  expect(log).toEqual(["Deposited at 1", "live, everything up to 1 has come", "Deposited at 2"]);
  expect(reason).toBe("closed");
});

it("a subscription gives its events one by one", async () => {
  await using store = createInMemoryStore();
  await store.append("account-1", [newEvent("Opened", {}), newEvent("Deposited", {})], { expectedVersion: "noStream" });
  const types: string[] = [];
  // #region events
  for await (const event of store.subscribe({ category: "account" }).events()) {
    types.push(event.type);
    if (types.length === 2) break; // closes the subscription
  }
  // #endregion
  expect(types).toEqual(["Opened", "Deposited"]);
});
