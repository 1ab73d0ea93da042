import { copyStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("a copy goes on where it was, and then by itself", async () => {
  await using source = createInMemoryStore();
  await using target = createInMemoryStore();
  await source.append("account-1", [newEvent("Opened", { owner: "Ann" })], { expectedVersion: "noStream" });
  // #region copy
  await copyStore(source, target);
  await source.append("account-1", [newEvent("Deposited", { amount: 5 })], { expectedVersion: "exists" });

  const { upTo, events } = await copyStore(source, target); // 1, and one event: the rest
  const next = await target.append("account-1", [newEvent("Deposited", { amount: 7 })], { expectedVersion: "exists" }); // position 2
  const { copy } = await target.transfer.status(); // null: it goes on by itself
  // #endregion
  expect({ upTo, events, position: next.position, copy }).toEqual({ upTo: 1, events: 1, position: 2, copy: null });
});
