import assert from "node:assert/strict";
import type { EventStore } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { claim, GROUP, makeGroup, placesOf, settle } from "./group-work.ts";
import { LONG_MS } from "./leasing.ts";
import { fill, grow } from "./new-event.ts";

/** How far a group is, and how much of the log it takes at once. */
export const groupStatusCases: readonly ConformanceCase[] = requiring(
  ["consumerGroups"],
  [
    storeCase("a group that has not begun has settled nothing", [], async (store) => {
      await makeGroup(store);
      assert.deepEqual(await numbers(store), { settledUpTo: null, head: null, waiting: 0, claimed: 0, parked: 0 });
      await grow(store, "account-1", 2);
      // When it takes events from the log is its own affair.
      const { settledUpTo, head, claimed, parked } = await store.groups.status(GROUP);
      assert.deepEqual({ settledUpTo, head, claimed, parked }, { settledUpTo: null, head: 1, claimed: 0, parked: 0 });
    }),

    storeCase(
      "a group tells how many events wait, are with a consumer and are parked, and up to where all is settled",
      [],
      async (store) => {
        await fill(
          store,
          ["account-1", "account-2", "account-1", "account-3"].map((stream) => [stream, "AmountDeposited"] as const),
        );
        await makeGroup(store);
        const [one = assert.fail(), two = assert.fail(), three = assert.fail(), four = assert.fail()] = await claim(store);
        assert.deepEqual(await numbers(store), { settledUpTo: null, head: 3, waiting: 0, claimed: 4, parked: 0 });
        await settle(store, [four], "acknowledge");
        assert.deepEqual(await numbers(store), { settledUpTo: null, head: 3, waiting: 0, claimed: 3, parked: 0 });
        await settle(store, [one], "acknowledge");
        assert.deepEqual(await numbers(store), { settledUpTo: 0, head: 3, waiting: 0, claimed: 2, parked: 0 });
        await settle(store, [three], "retry", { delayMs: LONG_MS });
        assert.deepEqual(await numbers(store), { settledUpTo: 0, head: 3, waiting: 1, claimed: 1, parked: 0 });
        await settle(store, [two], "park");
        assert.deepEqual(await numbers(store), { settledUpTo: 1, head: 3, waiting: 1, claimed: 0, parked: 1 });
      },
    ),

    storeCase("what is parked does not hold up the place up to which all is settled", [], async (store) => {
      await grow(store, "account-1", 2);
      await makeGroup(store, { behindParked: "pass" });
      const [one = assert.fail(), two = assert.fail()] = await claim(store);
      await settle(store, [one], "park");
      await settle(store, [two], "acknowledge");
      assert.deepEqual(await numbers(store), { settledUpTo: 1, head: 1, waiting: 0, claimed: 0, parked: 1 });
      await store.groups.replayParked(GROUP);
      assert.deepEqual(await numbers(store), { settledUpTo: null, head: 1, waiting: 1, claimed: 0, parked: 0 });
    }),

    storeCase("a group that has looked through events that are not its own has passed them", [], async (store) => {
      await makeGroup(store, { source: { category: "order" } });
      await grow(store, "account-1", 3);
      assert.deepEqual(await claim(store), []);
      assert.deepEqual(await numbers(store), { settledUpTo: 2, head: 2, waiting: 0, claimed: 0, parked: 0 });
    }),

    storeCase("a full group takes nothing new until some of what it has is settled", [], async (store) => {
      await grow(store, "account-1", 2);
      await grow(store, "account-2", 2);
      await makeGroup(store, { maxUnsettled: 2 });
      const first = await claim(store, { maxEvents: 1 });
      assert.deepEqual(placesOf(first), [0]);
      assert.deepEqual(await claim(store, { consumer: "worker-2" }), [], "Event 1 is behind event 0, and event 2 is not taken.");
      await settle(store, first, "acknowledge");
      assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [1, 2]);
    }),

    storeCase("what is parked leaves room in a full group", [], async (store) => {
      await grow(store, "account-1", 1);
      await grow(store, "account-2", 3);
      await makeGroup(store, { maxUnsettled: 1 });
      for (const place of [0, 1]) {
        const deliveries = await claim(store);
        assert.deepEqual(placesOf(deliveries), [place]);
        await settle(store, deliveries, place === 0 ? "park" : "acknowledge");
      }
      assert.deepEqual(placesOf(await claim(store)), [2]);
    }),
  ],
);

async function numbers(store: EventStore): Promise<object> {
  const { settledUpTo, head, waiting, claimed, parked } = await store.groups.status(GROUP);
  return { settledUpTo, head, waiting, claimed, parked };
}
