import assert from "node:assert/strict";
import { currentRuntime, sleep } from "@reactive-domain/core";
import type { Delivery, EventStore, GroupDefinition } from "@reactive-domain/persistence";
import { later } from "./deadline.ts";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { attemptsOf, claim, GROUP, makeGroup, placesOf, settle, WAIT_MS } from "./group-work.ts";
import { SHORT_MS } from "./leasing.ts";
import { grow } from "./new-event.ts";
import { assertRefused } from "./refusal.ts";

/** Long enough for a claim to have begun to wait. */
const BEGIN_MS = 30;
/** A claim that nobody wakes comes back only after this: later than what wakes it, by far. */
const LATE_MS = 2_000;

/** Claims that wait until there is something to deliver. */
export const groupWaitCases: readonly ConformanceCase[] = requiring(
  ["consumerGroups"],
  [
    waiting("an append wakes a waiting claim", {}, 0, async (store) => {
      const claimed = await meanwhile(store, () => grow(store, "account-1", 1));
      assert.deepEqual(placesOf(claimed), [0]);
    }),

    waiting("an append of what is not of the group does not end a waiting claim", { source: { category: "order" } }, 0, async (store) => {
      const claimed = await meanwhile(store, async () => {
        await grow(store, "account-1", 1);
        await grow(store, "order-1", 1);
      });
      assert.deepEqual(placesOf(claimed), [1]);
    }),

    waiting("a settlement that frees the next event of its stream wakes a waiting claim", {}, 2, async (store) => {
      const first = await claim(store, { maxEvents: 1 });
      const claimed = await meanwhile(store, () => settle(store, first, "acknowledge"));
      assert.deepEqual(placesOf(claimed), [1]);
    }),

    waiting("a release wakes a waiting claim", {}, 1, async (store) => {
      const first = await claim(store);
      const claimed = await meanwhile(store, () => settle(store, first, "release"));
      assert.deepEqual([placesOf(claimed), attemptsOf(claimed)], [[0], [1]]);
    }),

    waiting("a retry that falls due wakes a waiting claim", {}, 1, async (store) => {
      const first = await claim(store);
      const claimed = await meanwhile(store, () => settle(store, first, "retry", { delayMs: 50 }));
      assert.deepEqual([placesOf(claimed), attemptsOf(claimed)], [[0], [2]]);
    }),

    waiting("a lease that ends wakes a waiting claim", {}, 1, async (store) => {
      await claim(store, { leaseMs: SHORT_MS });
      const claimed = await promptly(() => claim(store, { consumer: "worker-2", waitMs: WAIT_MS }));
      assert.deepEqual([placesOf(claimed), attemptsOf(claimed)], [[0], [2]]);
    }),

    waiting("a replay of what is parked wakes a waiting claim", {}, 1, async (store) => {
      await settle(store, await claim(store), "park");
      const claimed = await meanwhile(store, () => store.groups.replayParked(GROUP));
      assert.deepEqual([placesOf(claimed), attemptsOf(claimed)], [[0], [1]]);
    }),

    waiting("room in a full group wakes a waiting claim", { maxUnsettled: 1 }, 1, async (store) => {
      const first = await claim(store);
      await grow(store, "account-2", 1);
      const claimed = await meanwhile(store, () => settle(store, first, "acknowledge"));
      assert.deepEqual(placesOf(claimed), [1]);
    }),

    waiting("each of several waiting claims is woken", { orderBy: "none" }, 0, async (store) => {
      const claims = ["worker-1", "worker-2", "worker-3"].map((consumer) => claim(store, { consumer, maxEvents: 1, waitMs: WAIT_MS }));
      await sleep(BEGIN_MS);
      await grow(store, "account-1", 3);
      const claimed = await promptly(() => Promise.all(claims));
      assert.deepEqual(
        placesOf(claimed.flat()).toSorted((one, other) => one - other),
        [0, 1, 2],
      );
    }),

    waiting("a claim that waits in vain comes back in time, with nothing", {}, 1, async (store) => {
      await claim(store);
      assert.deepEqual(await promptly(() => claim(store, { consumer: "worker-2", waitMs: 60 })), []);
      assert.deepEqual(await promptly(() => claim(store, { consumer: "worker-2" })), []);
    }),

    waiting("a claim does not wait when there is something, be it less than asked for", {}, 1, async (store) => {
      assert.equal((await promptly(() => claim(store, { waitMs: WAIT_MS }))).length, 1);
    }),

    waiting("a signal ends a waiting claim with its reason, and one that has aborted claims nothing", {}, 0, async (store) => {
      const [reason, giveUp] = [new Error("The worker stops."), new AbortController()];
      const call = later(
        claim(store, { waitMs: WAIT_MS, signal: giveUp.signal }).then(
          () => assert.fail("The claim must reject."),
          (error: unknown) => error,
        ),
      );
      await sleep(BEGIN_MS);
      giveUp.abort(reason);
      assert.equal(await promptly(() => call), reason);
      await grow(store, "account-1", 1);
      await assert.rejects(claim(store, { signal: giveUp.signal }), reason);
      assert.deepEqual(attemptsOf(await claim(store)), [1], "Who gave up must not have taken anything.");
    }),

    waiting("closing the store ends a waiting claim", {}, 0, async (store) => {
      const call = later(assertRefused(claim(store, { waitMs: WAIT_MS }), "already-closed", "a claim that waits"));
      await sleep(BEGIN_MS);
      await promptly(async () => {
        await store.close();
        await call;
      });
      await assertRefused(claim(store), "already-closed", "a claim in a closed store");
    }),

    waiting("deleting the group ends a waiting claim", {}, 0, async (store) => {
      const call = later(assertRefused(claim(store, { waitMs: WAIT_MS }), "group-not-found", "a claim that waits"));
      await sleep(BEGIN_MS);
      await promptly(async () => {
        await store.groups.delete(GROUP);
        await call;
      });
    }),

    waiting("a claim that no store answers is refused", {}, 1, async (store) => {
      for (const facts of BAD) await assertRefused(claim(store, facts), "invalid-argument", `a claim with ${JSON.stringify(facts)}`);
      assert.deepEqual(attemptsOf(await claim(store)), [1]);
    }),
  ],
);

const BAD: readonly Readonly<Record<string, unknown>>[] = [
  ...["", " ", "a".repeat(257), "nul\0here", "half\ud83d", null, 7].map((consumer) => ({ consumer })),
  ...[0, -1, 1.5, Number.NaN, 1_001, "1", null].map((maxEvents) => ({ maxEvents })),
  ...[0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER, "1", null].map((leaseMs) => ({ leaseMs })),
  ...[-1, 1.5, Number.NaN, "1", null].map((waitMs) => ({ waitMs })),
];

/** A case about a group on a log of some events in one stream. */
function waiting(
  what: string,
  facts: Partial<GroupDefinition>,
  count: number,
  check: (store: EventStore) => Promise<void>,
): ConformanceCase {
  return storeCase(what, [], async (store) => {
    if (count > 0) await grow(store, "account-1", count);
    await makeGroup(store, facts);
    await check(store);
  });
}

/** What a claim gives that waits while something is done; it must not wait in vain first. */
async function meanwhile(store: EventStore, act: () => Promise<unknown>): Promise<readonly Delivery[]> {
  const claimed = later(claim(store, { consumer: "worker-2", waitMs: WAIT_MS }));
  await sleep(BEGIN_MS);
  return promptly(async () => {
    await act();
    return claimed;
  });
}

/** Asserts that something takes far less time than a claim waits. */
async function promptly<T>(act: () => Promise<T>): Promise<T> {
  const { clock } = currentRuntime();
  const startMs = clock.monotonicMs();
  const result = await act();
  const tookMs = clock.monotonicMs() - startMs;
  assert.ok(tookMs < LATE_MS, `It must come promptly, but took ${Math.round(tookMs)} ms.`);
  return result;
}
