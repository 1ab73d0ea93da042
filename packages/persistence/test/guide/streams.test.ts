import { version } from "@reactive-domain/core";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { expect, it } from "vitest";
import { newEvent } from "./new-event.ts";

it("what a stream hides stays in the log until a scavenge", async () => {
  await using store = createInMemoryStore();
  const write = (stream: string, count: number) =>
    store.append(
      stream,
      Array.from({ length: count }, () => newEvent("Measured", {})),
      { expectedVersion: "any" },
    );
  await write("sensor-1", 5);
  await write("cart-1", 2);
  await write("user-1", 1);
  // #region hide
  await store.write([
    { kind: "metadata", stream: "sensor-1", metadata: { maxCount: 3, maxAgeMs: 86_400_000, custom: { place: "roof" } } },
    { kind: "delete", stream: "cart-1", expectedVersion: "exists" }, // may be written again: versions go on
    { kind: "tombstone", stream: "user-1", expectedVersion: "any" }, // never again
  ]);
  const { state, firstVersion, lastVersion } = await store.streamInfo("sensor-1"); // live, 2, 4: the first two are hidden
  const again = await store.append("cart-1", [newEvent("Filled", {})], { expectedVersion: "noStream" }); // version 2

  const { events } = await store.scavenge(); // removes what is hidden from the log as well; no position is given again
  // #endregion
  expect({ state, firstVersion, lastVersion }).toEqual({ state: "live", firstVersion: version(2), lastVersion: version(4) });
  expect(again.version).toBe(2);
  expect(events).toBe(5);
  await expect(write("user-1", 1)).rejects.toMatchObject({ code: "stream-tombstoned" });
});
