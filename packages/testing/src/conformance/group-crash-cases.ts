import assert from "node:assert/strict";
import { sleep } from "@reactive-domain/core";
import type { Delivery, DeliveryRef, EventStore, GroupDefinition } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { claim, GROUP, makeGroup, placesOf, settle, settling, WAIT_MS } from "./group-work.ts";
import { LONG_MS, runOut, SHORT_MS } from "./leasing.ts";
import { fill, newEvents } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

/** More turns than any of these cases takes. */
const MAX_TURNS = 30;
/** Long enough for several claims. */
const HELD_MS = 500;

/** Consumers that crash, or take longer than they may. */
export const groupCrashCases: readonly ConformanceCase[] = [
  ...requiring(
    ["consumerGroups"],
    [
      crashing("what a crashed consumer had goes to another when its lease has ended, and comes alone", {}, async (store) => {
        const lost = await claim(store, { leaseMs: SHORT_MS });
        assert.equal(lost.length, 4);
        const [again = assert.fail(), ...others] = await claim(store, { consumer: "worker-2", waitMs: WAIT_MS });
        assert.deepEqual([again.event.position, again.attempt, others.length], [0, 2, 0]);
        await settle(store, [again], "acknowledge");
        assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [1], "The next one comes alone, too.");
      }),

      crashing("a consumer gets nothing beside what comes alone, though the log has more, and is answered in time", {}, async (store) => {
        await claim(store, { maxEvents: 1, leaseMs: SHORT_MS });
        await runOut();
        const alone = await claim(store, { consumer: "worker-2", waitMs: WAIT_MS });
        assert.deepEqual(placesOf(alone), [0]);
        assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), []);
        await settle(store, alone, "acknowledge");
        assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [1, 2, 3]);
      }),

      crashing("what was not with the crashed consumer does not come alone", { orderBy: "none" }, async (store) => {
        await claim(store, { maxEvents: 1, leaseMs: SHORT_MS });
        await runOut();
        assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [0]);
        assert.deepEqual(placesOf(await claim(store, { consumer: "worker-3" })), [1, 2, 3]);
      }),

      crashing(
        "an event that kills its consumer every time is parked, and its innocent neighbours are handled",
        { maxAttempts: 3 },
        async (store) => {
          const handled: number[] = [];
          for (let turn = 0; turn < MAX_TURNS && (await unsettled(store)) > 0; turn++) {
            const deliveries = await claim(store, { consumer: `worker-${turn}`, leaseMs: SHORT_MS, waitMs: WAIT_MS });
            if (placesOf(deliveries).includes(KILLER)) {
              await runOut();
              continue;
            }
            handled.push(...placesOf(deliveries));
            if (deliveries.length > 0) await settle(store, deliveries, "acknowledge");
          }
          const [parked = assert.fail("The event that kills must be parked."), ...others] = await store.groups.parked(GROUP);
          assert.deepEqual([parked.event.position, parked.attempts, others.length], [KILLER, 3, 0]);
          assert.ok(parked.error.includes("worker-"), `The error must tell which consumer went away, but is: ${parked.error}`);
          assert.deepEqual(
            handled.toSorted((one, other) => one - other),
            [0, 2, 3],
          );
        },
      ),

      crashing(
        "neighbours that a consumer held by claims of their own when it went away are not blamed",
        { maxAttempts: 3 },
        async (store) => {
          const handled: number[] = [];
          for (let turn = 0; turn < MAX_TURNS && (await unsettled(store)) > 0; turn++) {
            const held = await claimOneByOne(store, `worker-${turn}`);
            if (placesOf(held).includes(KILLER)) {
              await sleep(HELD_MS + SHORT_MS);
              continue;
            }
            handled.push(...placesOf(held));
            if (held.length > 0) await settle(store, held, "acknowledge");
          }
          const parked = await store.groups.parked(GROUP);
          assert.deepEqual(
            parked.map(({ event, attempts }) => [event.position, attempts]),
            [[KILLER, 3]],
          );
          assert.deepEqual(
            handled.toSorted((one, other) => one - other),
            [0, 2, 3],
          );
        },
      ),

      crashing(
        "a group that has lost events together gets them as they came, and those at their end are parked",
        { afterLoss: "together", orderBy: "none", maxAttempts: 2 },
        async (store) => {
          assert.equal((await claim(store, { leaseMs: SHORT_MS })).length, 4);
          const again = await claim(store, { consumer: "worker-2", leaseMs: SHORT_MS, waitMs: WAIT_MS });
          assert.deepEqual(placesOf(again), [0, 1, 2, 3]);
          assert.deepEqual(new Set(again.map(({ attempt }) => attempt)), new Set([2]));
          await settle(store, again.slice(2), "acknowledge");
          await runOut();
          assert.deepEqual(await claim(store, { consumer: "worker-3" }), []);
          const parked = await store.groups.parked(GROUP);
          assert.deepEqual(
            parked.map(({ event, attempts }) => [event.position, attempts]),
            [
              [0, 2],
              [1, 2],
            ],
          );
        },
      ),

      crashing("what becomes of lost events is part of a group, and as it was where it was not told", {}, async (store) => {
        assert.equal(await store.groups.create(GROUP, { source: { all: true }, afterLoss: "alone" }), false);
        await assertRefused(store.groups.create(GROUP, { source: { all: true }, afterLoss: "together" }), "group-exists", "another loss");
        const other: GroupDefinition = { source: { all: true }, afterLoss: "never" as "alone" };
        await assertRefused(store.groups.create("another", other), "invalid-argument", "a loss that there is not");
      }),

      crashing("a consumer that took too long can still settle while nobody else has claimed", {}, async (store) => {
        const late = await claim(store, { leaseMs: SHORT_MS });
        await runOut();
        await settle(store, late, "acknowledge");
        assert.deepEqual(await claim(store), []);
      }),

      crashing("a delivery that went to another is lost to who had it, and stays the other's", {}, async (store) => {
        const stale = (await claim(store, { leaseMs: SHORT_MS })).slice(0, 1);
        const held = await claim(store, { consumer: "worker-2", waitMs: WAIT_MS });
        assert.deepEqual(placesOf(held), placesOf(stale));
        for (const outcome of ["acknowledge", "skip", "retry", "park", "release"] as const)
          await assertRefused(settle(store, stale, outcome), "delivery-lost", `settling by the former consumer with ${outcome}`);
        await assertRefused(extend(store, stale), "delivery-lost", "extending by the former consumer");
        await settle(store, held, "acknowledge");
      }),

      crashing("a delivery that was lost is lost also when the same consumer claims it again", {}, async (store) => {
        const stale = (await claim(store, { leaseMs: SHORT_MS })).slice(0, 1);
        const held = await claim(store, { waitMs: WAIT_MS });
        assert.deepEqual(placesOf(held), placesOf(stale));
        assert.ok((held[0]?.fence ?? 0) !== stale[0]?.fence, "Each claim has a token of its own.");
        await assertRefused(settle(store, stale, "acknowledge"), "delivery-lost", "settling under the former token");
        await settle(store, held, "acknowledge");
      }),

      crashing("a delivery that is extended stays with its consumer past its first end", {}, async (store) => {
        const deliveries = await claim(store, { leaseMs: SHORT_MS });
        await extend(store, deliveries);
        await runOut();
        assert.deepEqual(await claim(store, { consumer: "worker-2" }), []);
        await settle(store, deliveries, "acknowledge");
      }),

      crashing("a delivery that is extended by little does not end earlier than before", {}, async (store) => {
        const deliveries = await claim(store);
        await store.groups.extend(GROUP, deliveries, { leaseMs: SHORT_MS });
        await runOut();
        assert.deepEqual(await claim(store, { consumer: "worker-2" }), []);
      }),

      crashing("of deliveries of which one is lost none is extended", { orderBy: "none" }, async (store) => {
        const deliveries = await claim(store, { leaseMs: SHORT_MS });
        await settle(store, deliveries.slice(3), "acknowledge");
        await assertRefused(extend(store, deliveries), "delivery-lost", "extending with one that is settled");
        await runOut();
        assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [0]);
      }),

      crashing("an event whose lease ends takes later ones of its stream with it that were held on to", {}, async (store) => {
        const later = (await claim(store, { leaseMs: SHORT_MS })).filter(({ event }) => event.position === 3);
        await extend(store, later);
        await runOut();
        assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [0]);
        await assertRefused(settle(store, later, "acknowledge"), "delivery-lost", "settling ahead of an event that came again");
      }),

      crashing("what cannot be held on to is refused", {}, async (store) => {
        const [delivery = assert.fail()] = await claim(store);
        for (const leaseMs of [0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER, "1"])
          await assertRefused(extendAs(store, [delivery], leaseMs), "invalid-argument", `for ${String(leaseMs)} ms`);
        for (const bad of [7, null, [null], [{ position: -1, fence: 1 }], [{ position: 0, fence: 0 }], [{ position: 0 }]])
          await assertRefused(extendAs(store, bad, LONG_MS), "invalid-argument", JSON.stringify(bad));
      }),
    ],
  ),

  ...requiring(
    ["consumerGroups", "severalItems"],
    [
      crashing("nothing of a write is done by a consumer whose delivery went to another", {}, async (store, events) => {
        const stale = (await claim(store, { leaseMs: SHORT_MS })).slice(0, 1);
        await claim(store, { consumer: "worker-2", waitMs: WAIT_MS });
        const append = { kind: "append", stream: "letters-1", expectedVersion: "any", events: newEvents(1) } as const;
        await assertRefused(store.write([append, settling(stale, "acknowledge")]), "delivery-lost", "a write by the former consumer");
        await assertLog(store, events, "after a write by the former consumer");
      }),
    ],
  ),
];

/** The position of an event that nobody survives. */
const KILLER = 1;

/** A case about a group on a log where positions 0 and 3 are of one stream, 1 and 2 each of its own. */
function crashing(
  what: string,
  facts: Partial<GroupDefinition>,
  check: (store: EventStore, events: readonly { readonly id: string }[]) => Promise<void>,
): ConformanceCase {
  return storeCase(what, [], async (store) => {
    const streams = ["account-1", "account-2", "account-3", "account-1"];
    const events = await fill(
      store,
      streams.map((stream) => [stream, "AmountDeposited"] as const),
    );
    await makeGroup(store, facts);
    await check(store, events);
  });
}

async function unsettled(store: EventStore): Promise<number> {
  const { settledUpTo, head } = await store.groups.status(GROUP);
  return (head ?? -1) - (settledUpTo ?? -1);
}

function extend(store: EventStore, deliveries: readonly Delivery[]): Promise<void> {
  return store.groups.extend(GROUP, deliveries, { leaseMs: LONG_MS });
}

/** Asks as a program without types might. */
function extendAs(store: EventStore, deliveries: unknown, leaseMs: unknown): Promise<void> {
  return store.groups.extend(GROUP, deliveries as readonly DeliveryRef[], { leaseMs: leaseMs as number });
}

/** All that a consumer gets while it settles nothing. */
async function claimOneByOne(store: EventStore, consumer: string): Promise<readonly Delivery[]> {
  const held: Delivery[] = [];
  for (;;) {
    const waitMs = held.length === 0 ? WAIT_MS : 0;
    const [delivery] = await claim(store, { consumer, leaseMs: HELD_MS, maxEvents: 1, waitMs });
    if (delivery === undefined) return held;
    held.push(delivery);
  }
}
