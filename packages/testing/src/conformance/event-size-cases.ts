import assert from "node:assert/strict";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { newEvent } from "./new-event.ts";
import { assertLog, logOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

/** The limit that a store has unless it was opened with another. */
const LIMIT_BYTES = 1024 * 1024;
const METADATA = '{"a":"é"}';
const METADATA_BYTES = 10;

const jsonOf = (bytes: number): string => `"${"x".repeat(bytes - 2)}"`;

/** The size of an event is that of its data and metadata together, in bytes of UTF-8; a store that is opened for conformance takes 1 MiB. */
export const eventSizeCases: readonly ConformanceCase[] = [
  storeCase("an event at the limit of size is taken and comes back whole", ["F5"], async (store) => {
    const event = newEvent({ data: jsonOf(LIMIT_BYTES - METADATA_BYTES), metadata: METADATA });
    await store.append("account-1", [event], { expectedVersion: "any" });
    const [stored] = await logOf(store);
    assert.ok(stored?.data === event.data && stored.metadata === METADATA, "A large event must come back as it was written.");
  }),

  storeCase("an event one byte over the limit is refused, and so is the whole append", ["F5"], async (store) => {
    const event = newEvent({ data: jsonOf(LIMIT_BYTES - METADATA_BYTES + 1), metadata: METADATA });
    await assertRefused(store.append("account-1", [newEvent(), event], { expectedVersion: "any" }), "invalid-write", "too large an event");
    await assertLog(store, [], "after a refused append");
  }),

  storeCase("size is counted in bytes, not in characters", ["F5"], async (store) => {
    const characters = LIMIT_BYTES / 4;
    const fits = `"${"😀".repeat(characters - 1)}"`;
    await store.append("account-1", [newEvent({ data: fits })], { expectedVersion: "any" });
    const over = newEvent({ data: `"${"😀".repeat(characters)}"` });
    await assertRefused(
      store.append("account-1", [over], { expectedVersion: "any" }),
      "invalid-write",
      "too large an event of wide characters",
    );
    assert.equal((await logOf(store)).length, 1);
  }),

  storeCase("bytes count as they are", ["F5"], async (store) => {
    const contentType = "application/octet-stream";
    const metadata = "{}";
    const at = newEvent({ contentType, metadata, data: new Uint8Array(LIMIT_BYTES - metadata.length).fill(255) });
    await store.append("account-1", [at], { expectedVersion: "any" });
    const over = newEvent({ contentType, metadata, data: new Uint8Array(LIMIT_BYTES - metadata.length + 1) });
    await assertRefused(store.append("account-1", [over], { expectedVersion: "any" }), "invalid-write", "too many bytes");
    const [stored] = await logOf(store);
    assert.equal(stored?.data.length, LIMIT_BYTES - metadata.length);
  }),

  storeCase("an append may be larger than the limit of one event", ["F5"], async (store) => {
    const events = Array.from({ length: 5 }, () => newEvent({ data: jsonOf(LIMIT_BYTES / 2) }));
    await store.append("account-1", events, { expectedVersion: "any" });
    await assertLog(store, events, "after a large append");
  }),
];
