import assert from "node:assert/strict";
import { currentRuntime, position, sleep } from "@reactive-domain/core";
import type { EventStore, GroupDefinition, ParkedOptions, ReplayOptions } from "@reactive-domain/persistence";
import { CLOCK_TOLERANCE_MS, SHORT_MS } from "./leasing.ts";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { attemptsOf, claim, GROUP, makeGroup, placesOf, settle, WAIT_MS } from "./group-work.ts";
import { fill } from "./new-event.ts";
import { assertRefused } from "./refusal.ts";

const NONE = { orderBy: "none" } as const;
/** Long enough for two claims. */
const LEASE_MS = 1_000;

/** Deliveries that were given up, and those behind them. */
export const groupParkedCases: readonly ConformanceCase[] = requiring(
  ["consumerGroups"],
  [
    parking("an event is parked when its attempts are used up, with the last error and its attempts", { maxAttempts: 3 }, async (store) => {
      for (const error of ["first", "second", "third: größe 😀"]) {
        assert.deepEqual(await store.groups.parked(GROUP), []);
        await settle(store, await claim(store, { maxEvents: 1 }), "retry", { error, delayMs: 0 });
      }
      const [parked = assert.fail(), ...others] = await store.groups.parked(GROUP);
      assert.deepEqual(others, []);
      assert.deepEqual([parked.event.position, parked.error, parked.attempts], [0, "third: größe 😀", 3]);
      assert.ok(Math.abs(parked.parkedAt.getTime() - currentRuntime().clock.now()) < CLOCK_TOLERANCE_MS, "It was parked now.");
    }),

    parking("an event is parked by hand, at any attempt, also without an error", {}, async (store) => {
      await settle(store, await claim(store, { maxEvents: 1 }), "park");
      const [parked = assert.fail()] = await store.groups.parked(GROUP);
      assert.deepEqual([parked.event.position, parked.error, parked.attempts], [0, "", 1]);
    }),

    parking(
      "an event whose consumer went away is not given up where that took others behind it",
      { ...NONE, maxAttempts: 1 },
      async (store) => {
        for (const place of [0, 1]) assert.deepEqual(placesOf(await claim(store, { maxEvents: 1, leaseMs: LEASE_MS })), [place]);
        await sleep(LEASE_MS + SHORT_MS);
        const [again = assert.fail(), ...others] = await claim(store, { consumer: "worker-2", waitMs: WAIT_MS });
        assert.deepEqual([again.event.position, again.attempt, others.length], [0, 2, 0]);
        assert.deepEqual(await store.groups.parked(GROUP), []);
      },
    ),

    parking("an error is kept up to its first 10,000 characters", {}, async (store) => {
      await settle(store, await claim(store, { maxEvents: 1 }), "park", { error: "e".repeat(10_001) });
      assert.equal((await store.groups.parked(GROUP))[0]?.error.length, 10_000);
    }),

    parking("events behind a parked one of their stream wait until it is replayed", {}, async (store) => {
      await settle(store, await claim(store, { maxEvents: 1 }), "park");
      const others = await claim(store);
      assert.deepEqual(placesOf(others), [2, 4]);
      await settle(store, others, "acknowledge");
      assert.equal(await store.groups.replayParked(GROUP), 1);
      assert.deepEqual(placesOf(await claim(store)), [0, 1, 3]);
    }),

    parking("where they are to pass, events behind a parked one go on", { behindParked: "pass" }, async (store) => {
      const deliveries = await claim(store);
      await settle(store, deliveries.slice(0, 1), "park");
      await settle(store, deliveries.slice(1, 2), "acknowledge");
      assert.equal((await store.groups.status(GROUP)).claimed, 3, "What is under way behind it stays with its consumer.");
    }),

    parking("what is parked is listed in the order of the log, page by page", { orderBy: "none" }, async (store) => {
      await settle(store, (await claim(store)).toReversed(), "park");
      assert.deepEqual(await parkedPlaces(store), [0, 1, 2, 3, 4]);
      assert.deepEqual(await parkedPlaces(store, { limit: 2 }), [0, 1]);
      assert.deepEqual(await parkedPlaces(store, { after: position(1), limit: 2 }), [2, 3]);
      assert.deepEqual(await parkedPlaces(store, { after: position(4) }), []);
    }),

    parking(
      "what is replayed comes at once, in the order of the log, with its attempts counted anew",
      { orderBy: "none" },
      async (store) => {
        await settle(store, await claim(store), "retry", { delayMs: 0 });
        await settle(store, await claim(store), "park");
        assert.equal(await store.groups.replayParked(GROUP), 5);
        assert.deepEqual(await store.groups.parked(GROUP), []);
        const again = await claim(store);
        assert.deepEqual(
          [placesOf(again), attemptsOf(again)],
          [
            [0, 1, 2, 3, 4],
            [1, 1, 1, 1, 1],
          ],
        );
        assert.equal(await store.groups.replayParked(GROUP), 0);
      },
    ),

    parking("what is replayed is chosen by positions, by a part of the error, and by number, the oldest first", NONE, async (store) => {
      for (const [place, delivery] of (await claim(store)).entries())
        await settle(store, [delivery], "park", { error: ERRORS[place] ?? "" });
      const replayed = async (options: ReplayOptions): Promise<readonly number[]> => {
        const count = await store.groups.replayParked(GROUP, options);
        const deliveries = await claim(store);
        assert.equal(count, deliveries.length);
        for (const delivery of deliveries) await settle(store, [delivery], "park", { error: ERRORS[delivery.event.position] ?? "" });
        return placesOf(deliveries);
      };
      assert.deepEqual(await replayed({ positions: [position(3), position(1), position(77)] }), [1, 3]);
      assert.deepEqual(await replayed({ error: "50%" }), [1, 4]);
      assert.deepEqual(await replayed({ error: "time_out" }), [2], "No character is a wildcard.");
      assert.deepEqual(await replayed({ error: "TIME" }), []);
      assert.deepEqual(await replayed({ limit: 2 }), [0, 1]);
      assert.deepEqual(await replayed({ positions: [position(0), position(1), position(4)], error: "50%", limit: 1 }), [1]);
      assert.deepEqual(await replayed({ positions: [] }), []);
      assert.deepEqual(await parkedPlaces(store), [0, 1, 2, 3, 4]);
    }),

    parking("a replay may be of a number of parked events, the oldest first", NONE, async (store) => {
      for (const delivery of await claim(store)) await settle(store, [delivery], "park");
      assert.equal(await store.groups.replayParked(GROUP, { limit: 2 }), 2);
      assert.deepEqual(await parkedPlaces(store), [2, 3, 4]);
      assert.deepEqual(placesOf(await claim(store)), [0, 1]);
      assert.equal(await store.groups.replayParked(GROUP, { limit: 9 }), 3);
      assert.deepEqual(placesOf(await claim(store)), [2, 3, 4]);
    }),

    parking("what is replayed releases later events of its stream that are under way", { behindParked: "pass" }, async (store) => {
      await settle(store, await claim(store, { maxEvents: 1 }), "park");
      const behind = await claim(store, { maxEvents: 1 });
      assert.deepEqual(placesOf(behind), [1]);
      await store.groups.replayParked(GROUP);
      await assertRefused(settle(store, behind, "acknowledge"), "delivery-lost", "settling what was released");
      assert.deepEqual(placesOf(await claim(store, { maxEvents: 1 })), [0]);
    }),

    parking("what cannot be asked of parked events is refused", {}, async (store) => {
      for (const options of [{ after: -1 }, { after: 1.5 }, { limit: 0 }, { limit: "1" }])
        await assertRefused(store.groups.parked(GROUP, options as ParkedOptions), "invalid-argument", JSON.stringify(options));
      for (const options of [{ positions: [-1] }, { positions: 7 }, { error: 7 }, { limit: 0 }, { limit: 1.5 }]) {
        const given: unknown = options;
        await assertRefused(store.groups.replayParked(GROUP, given as ReplayOptions), "invalid-argument", JSON.stringify(options));
      }
    }),
  ],
);

const ERRORS = ["time out", "50% failed", "time_out", "timeXout", "only 50% left"];

/** A case about a group on a log where positions 0, 1 and 3 are of one stream, 2 and 4 of another. */
function parking(what: string, facts: Partial<GroupDefinition>, check: (store: EventStore) => Promise<void>): ConformanceCase {
  return storeCase(what, [], async (store) => {
    const streams = ["account-1", "account-1", "account-2", "account-1", "account-2"];
    await fill(
      store,
      streams.map((stream) => [stream, "AmountDeposited"] as const),
    );
    await makeGroup(store, facts);
    await check(store);
  });
}

async function parkedPlaces(store: EventStore, options?: ParkedOptions): Promise<readonly number[]> {
  return (await store.groups.parked(GROUP, options)).map(({ event }) => event.position);
}
