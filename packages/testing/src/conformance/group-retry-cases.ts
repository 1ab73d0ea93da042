import assert from "node:assert/strict";
import { currentRuntime } from "@reactive-domain/core";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { attemptsOf, claim, GROUP, makeGroup, placesOf, settle, WAIT_MS } from "./group-work.ts";
import { LONG_MS } from "./leasing.ts";
import { fill, grow } from "./new-event.ts";
import { assertRefused } from "./refusal.ts";

/** Clocks do not agree to the millisecond. */
const TOLERANCE_MS = 10;

/** Deliveries that come again, and what that means for those behind them. */
export const groupRetryCases: readonly ConformanceCase[] = requiring(
  ["consumerGroups"],
  [
    storeCase("what is retried comes again after the group's delay, with its attempts counted, and not before", [], async (store) => {
      await grow(store, "account-1", 1);
      await makeGroup(store, { retryDelayMs: LONG_MS });
      await settle(store, await claim(store), "retry");
      assert.deepEqual(await claim(store), []);
      await store.groups.delete(GROUP);
      await makeGroup(store, { retryDelayMs: 50 });
      await settle(store, await claim(store), "retry");
      const again = await claim(store, { consumer: "worker-2", waitMs: WAIT_MS });
      assert.deepEqual([placesOf(again), attemptsOf(again)], [[0], [2]]);
    }),

    storeCase("the delay doubles from attempt to attempt", [], async (store) => {
      await grow(store, "account-1", 1);
      await makeGroup(store, { retryDelayMs: 40 });
      let deliveries = await claim(store);
      for (const delayMs of [40, 80, 160]) {
        const startMs = currentRuntime().clock.monotonicMs();
        await settle(store, deliveries, "retry");
        deliveries = await claim(store, { waitMs: WAIT_MS });
        assert.equal(deliveries.length, 1);
        const tookMs = currentRuntime().clock.monotonicMs() - startMs;
        assert.ok(tookMs >= delayMs - TOLERANCE_MS, `It must come after ${delayMs} ms, but came after ${tookMs} ms.`);
      }
    }),

    storeCase("the delay does not grow past its bound", [], async (store) => {
      await grow(store, "account-1", 1);
      await makeGroup(store, { retryDelayMs: 50, maxRetryDelayMs: 50, maxAttempts: 100 });
      for (let attempt = 1; attempt <= 9; attempt++) {
        const deliveries = await claim(store, { waitMs: WAIT_MS });
        assert.deepEqual(attemptsOf(deliveries), [attempt], "The ninth attempt would come after 6.4 s if nothing bounded its delay.");
        await settle(store, deliveries, "retry");
      }
    }),

    storeCase("a delay of its own goes over that of the group, in both directions", [], async (store) => {
      await grow(store, "account-1", 1);
      await makeGroup(store, { retryDelayMs: LONG_MS });
      await settle(store, await claim(store), "retry", { delayMs: 0 });
      assert.deepEqual(attemptsOf(await claim(store)), [2]);
      await store.groups.delete(GROUP);
      await makeGroup(store, { retryDelayMs: 0 });
      await settle(store, await claim(store), "retry", { delayMs: LONG_MS });
      assert.deepEqual(await claim(store), []);
    }),

    storeCase("an event that waits for its next attempt holds up those behind it, and no others", [], async (store) => {
      await fill(store, TWO_STREAMS);
      await makeGroup(store);
      await settle(store, await claim(store, { maxEvents: 1 }), "retry", { delayMs: LONG_MS });
      assert.deepEqual(placesOf(await claim(store)), [2]);
    }),

    storeCase("without an order an event that waits for its next attempt holds up nothing", [], async (store) => {
      await fill(store, TWO_STREAMS);
      await makeGroup(store, { orderBy: "none" });
      await settle(store, await claim(store, { maxEvents: 1 }), "retry", { delayMs: LONG_MS });
      assert.deepEqual(placesOf(await claim(store)), [1, 2]);
    }),

    ...(["retry", "release", "park"] as const).map((outcome) =>
      storeCase(`later events of its stream that are under way are released with one of outcome ${outcome}`, [], async (store) => {
        await fill(store, TWO_STREAMS);
        await makeGroup(store);
        const [one = assert.fail(), two = assert.fail(), other = assert.fail()] = await claim(store);
        await settle(store, [one], outcome, { delayMs: 0 });
        await assertRefused(settle(store, [two], "acknowledge"), "delivery-lost", "settling what was released");
        await settle(store, [other], "acknowledge");
        if (outcome === "park") await store.groups.replayParked(GROUP);
        const again = await claim(store, { consumer: "worker-2" });
        assert.deepEqual(
          [placesOf(again), attemptsOf(again)],
          [
            [0, 1],
            [outcome === "retry" ? 2 : 1, 1],
          ],
        );
      }),
    ),

    storeCase("an event that comes again leaves later ones of its stream alone that are settled with it", [], async (store) => {
      await grow(store, "account-1", 3);
      await makeGroup(store);
      const [one = assert.fail(), two = assert.fail()] = await claim(store, { maxEvents: 2 });
      await store.write([
        {
          kind: "settle",
          group: GROUP,
          deliveries: [
            { position: one.event.position, fence: one.fence, outcome: "retry", delayMs: 0 },
            { position: two.event.position, fence: two.fence, outcome: "acknowledge" },
          ],
        },
      ]);
      assert.deepEqual(placesOf(await claim(store)), [0, 2]);
    }),

    storeCase("a later event of its stream that comes again leaves earlier ones with their consumer", [], async (store) => {
      await grow(store, "account-1", 2);
      await makeGroup(store);
      const [one = assert.fail(), two = assert.fail()] = await claim(store);
      await settle(store, [two], "retry", { delayMs: 0 });
      assert.deepEqual(await claim(store, { consumer: "worker-2" }), []);
      await settle(store, [one], "acknowledge");
      assert.deepEqual(attemptsOf(await claim(store, { consumer: "worker-2" })), [2]);
    }),
  ],
);

/** Positions 0 and 1 are of one stream, 2 of another. */
const TWO_STREAMS = [
  ["account-1", "AmountDeposited"],
  ["account-1", "AmountDeposited"],
  ["account-2", "AmountDeposited"],
] as const;
