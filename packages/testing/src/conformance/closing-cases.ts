import assert from "node:assert/strict";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { grow, newEvent, newEvents } from "./new-event.ts";
import { assertLog, eventsOf, idsOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

/** Closing, and what a store shares with others: nothing. */
export const closingCases: readonly ConformanceCase[] = [
  storeCase("a store that is closed refuses to write and to read, and says so", [], async (store) => {
    await grow(store, "account-1", 3);
    const read = store.read({ all: true }, { maxBatchEvents: 1 })[Symbol.asyncIterator]();
    await read.next();
    await inTime(store.close(), "The end of a store");
    await assertRefused(store.append("account-1", newEvents(1), { expectedVersion: "any" }), "already-closed", "an append");
    await assertRefused(
      store.write([{ kind: "append", stream: "account-1", expectedVersion: "any", events: newEvents(1) }]),
      "already-closed",
      "a write",
    );
    await assertRefused(eventsOf(store.read({ stream: "account-1" })), "already-closed", "a read");
    await assertRefused(store.subscribe({ all: true }).next(), "already-closed", "a subscription");
    await assertRefused(Promise.resolve(read.next()), "already-closed", "a read that was under way");
  }),

  storeCase("closing a store twice, or by disposing of it, waits for the same end", [], async (store) => {
    await inTime(Promise.all([store.close(), store.close(), store[Symbol.asyncDispose]()]), "The end of a store");
    await inTime(store.close(), "The end of a store");
  }),

  storeCase("a write that was accepted before the store was closed is finished", [], async (store) => {
    const appends = Array.from({ length: 5 }, (_, index) =>
      store.append("account-1", newEvents(2), { expectedVersion: index === 0 ? "noStream" : "any" }),
    );
    await inTime(store.close(), "The end of a store");
    const results = await inTime(Promise.all(appends), "The outcome of writes before the end");
    assert.deepEqual(
      results.map(({ version }) => version),
      [1, 3, 5, 7, 9],
    );
  }),

  storeCase("a store tells what its acknowledged writes survive", [], async (store) => {
    assert.ok(store.durability.trim() !== "", "durability must be told in words.");
  }),

  {
    name: "two stores have nothing in common",
    behaviours: [],
    async run(open) {
      await using one = await open();
      await using other = await open();
      const [event] = [newEvent()];
      assert.equal((await one.append("account-1", [event], { expectedVersion: "noStream" })).position, 0);
      await assertLog(other, [], "of a store that nobody wrote to");
      const again = await other.append("account-1", [event], { expectedVersion: "noStream" });
      assert.deepEqual({ ...again }, { stream: "account-1", version: 0, position: 0, repeated: false });
      await one.close();
      assert.deepEqual(idsOf(await eventsOf(other.read({ all: true }))), [event.id]);
    },
  },
];
