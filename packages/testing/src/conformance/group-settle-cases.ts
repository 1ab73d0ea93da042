import assert from "node:assert/strict";
import type { AppendItem, EventStore, SettleItem } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { attemptsOf, claim, GROUP, makeGroup, placesOf, settle, settling } from "./group-work.ts";
import { grow, newEvents } from "./new-event.ts";
import { assertLog } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

/** What becomes of deliveries, alone and together with what handling led to. */
export const groupSettleCases: readonly ConformanceCase[] = [
  ...requiring(
    ["consumerGroups"],
    [
      grouped("what is acknowledged or skipped is settled, and does not come again", 3, async (store) => {
        const deliveries = await claim(store);
        const result = await settle(store, deliveries.slice(0, 1), "acknowledge");
        assert.deepEqual({ position: result.position, streams: [...result.streams] }, { position: null, streams: [] });
        assert.equal(result.repeated, false);
        await settle(store, deliveries.slice(1, 2), "skip");
        await settle(store, deliveries.slice(2), "skip");
        assert.deepEqual(await claim(store, { consumer: "worker-2" }), []);
        assert.equal((await store.groups.status(GROUP)).settledUpTo, 2);
        assert.deepEqual(await store.groups.parked(GROUP), []);
      }),

      grouped("what is released comes again at once, and the attempt does not count", 1, async (store) => {
        for (let turn = 0; turn < 4; turn++) {
          const deliveries = await claim(store, { consumer: `worker-${turn}` });
          assert.deepEqual(attemptsOf(deliveries), [1]);
          await settle(store, deliveries, "release");
        }
        await settle(store, await claim(store), "retry", { delayMs: 0 });
        const again = await claim(store);
        assert.deepEqual(attemptsOf(again), [2]);
        await settle(store, again, "release");
        assert.deepEqual(attemptsOf(await claim(store)), [2]);
      }),

      grouped("deliveries are settled in one write, each in its own way", 4, async (store) => {
        const outcomes = ["acknowledge", "skip", "release", "park"] as const;
        const deliveries = (await claim(store)).flatMap((one, index) => settling([one], outcomes[index] ?? "skip").deliveries);
        await store.write([{ kind: "settle", group: GROUP, deliveries }]);
        assert.deepEqual(
          (await store.groups.parked(GROUP)).map(({ event }) => event.position),
          [3],
        );
        assert.deepEqual(placesOf(await claim(store)), [2]);
      }),

      grouped("what is settled once cannot be settled or held on to again", 2, async (store) => {
        const [one = assert.fail(), two = assert.fail()] = await claim(store);
        await settle(store, [one], "acknowledge");
        for (const outcome of ["acknowledge", "skip", "retry", "park", "release"] as const)
          await assertRefused(settle(store, [one], outcome), "delivery-lost", `settling again with ${outcome}`);
        await assertRefused(settle(store, [two, one], "acknowledge"), "delivery-lost", "settling with one that is settled");
        await assertRefused(store.groups.extend(GROUP, [one], { leaseMs: 1_000 }), "delivery-lost", "extending what is settled");
        await settle(store, [two], "acknowledge");
      }),

      grouped("a delivery is settled under its own token only, and nothing else of that write is done", 2, async (store) => {
        const [one = assert.fail(), two = assert.fail()] = await claim(store);
        const { position: place, fence: token } = one;
        for (const wrong of [{ fence: token + 1 }, { fence: token + 100 }, { position: place + 9 }]) {
          const outcome = "acknowledge";
          const call = settleAs(store, [
            { position: two.position, fence: two.fence, outcome },
            { ...one, outcome, ...wrong },
          ]);
          await assertRefused(call, "delivery-lost", `settling with ${JSON.stringify(wrong)}`);
        }
        assert.equal((await store.groups.status(GROUP)).claimed, 2);
        await settle(store, [one, two], "acknowledge");
      }),

      grouped("a settlement that no store takes is refused, and the delivery is still the consumer's", 1, async (store) => {
        const [delivery = assert.fail()] = await claim(store);
        const good = { position: delivery.position, fence: delivery.fence, outcome: "acknowledge" };
        for (const facts of BAD) await assertRefused(settleAs(store, [{ ...good, ...facts }]), "invalid-write", JSON.stringify(facts));
        await assertRefused(settleAs(store, []), "invalid-write", "no deliveries");
        await assertRefused(settleAs(store, [good, good]), "invalid-write", "a delivery twice");
        await settle(store, [delivery], "acknowledge");
      }),
    ],
  ),

  ...requiring(
    ["consumerGroups", "severalItems"],
    [
      grouped("what handling led to is written with the settlement", 2, async (store, handled) => {
        const deliveries = await claim(store);
        const events = newEvents(2);
        const result = await store.write([settling(deliveries, "acknowledge"), append(events)]);
        assert.equal(result.position, 3);
        await assertLog(store, [...handled, ...events], "after a write that settles");
        assert.deepEqual(placesOf(await claim(store)), [2, 3]);
      }),

      grouped("a conflict in the stream of a write leaves its deliveries with the consumer", 2, async (store, handled) => {
        const deliveries = await claim(store);
        for (const outcome of ["acknowledge", "retry", "park", "release"] as const) {
          const call = store.write([settling(deliveries, outcome), { ...append(newEvents(1)), expectedVersion: "exists" }]);
          await assertRefused(call, "wrong-expected-version", "a conflict");
        }
        assert.equal((await store.groups.status(GROUP)).claimed, 2);
        assert.deepEqual(await claim(store, { consumer: "worker-2" }), []);
        await settle(store, deliveries, "acknowledge");
        await assertLog(store, handled, "after a conflict");
      }),

      grouped("a delivery that is lost keeps the events of its write out of the log", 2, async (store, handled) => {
        const [one = assert.fail(), two = assert.fail()] = await claim(store);
        await settle(store, [one], "acknowledge");
        for (const items of [
          [append(newEvents(1)), settling([two, one], "acknowledge")],
          [settling([one, two], "acknowledge"), append(newEvents(1))],
        ])
          await assertRefused(store.write(items), "delivery-lost", "a write that settles what is lost");
        await assertLog(store, handled, "after a write that settles what is lost");
        await settle(store, [two], "acknowledge");
      }),

      grouped("a write whose events are repeated says so, and settles the deliveries that are held", 2, async (store) => {
        const deliveries = await claim(store);
        const events = newEvents(1);
        await store.write([append(events), settling(deliveries.slice(0, 1), "acknowledge")]);
        for (let time = 0; time < 2; time++)
          assert.equal((await store.write([append(events), settling(deliveries, "acknowledge")])).repeated, true);
        const { claimed, settledUpTo } = await store.groups.status(GROUP);
        assert.deepEqual({ claimed, settledUpTo }, { claimed: 0, settledUpTo: 1 });
      }),

      grouped("deliveries of several groups are settled in one write, or none of them", 1, async (store) => {
        await store.groups.create("other", { source: { all: true } });
        const mine = await claim(store);
        const others = await store.groups.claim("other", { consumer: "worker-1" });
        const items = (outcome: "acknowledge"): readonly SettleItem[] => [
          settling(mine, outcome),
          { ...settling(others, outcome), group: "other" },
        ];
        await settle(store, mine, "release");
        await assertRefused(store.write(items("acknowledge")), "delivery-lost", "a write that settles what is lost");
        assert.equal((await store.groups.status("other")).claimed, 1);
      }),
    ],
  ),
];

const BAD: readonly Readonly<Record<string, unknown>>[] = [
  ...["handled", "", null, undefined].map((outcome) => ({ outcome })),
  ...[-1, 1.5, "0", null, undefined].map((position) => ({ position })),
  ...[0, -1, 1.5, "1", null, undefined].map((fence) => ({ fence })),
  ...[-1, 1.5, Number.NaN, "1", null].map((delayMs) => ({ delayMs })),
  ...[7, null, {}].map((error) => ({ error })),
];

/** A case about the group on a log of some events in one stream. */
function grouped(
  what: string,
  count: number,
  check: (store: EventStore, events: readonly { readonly id: string }[]) => Promise<void>,
): ConformanceCase {
  return storeCase(what, [], async (store) => {
    const events = await grow(store, "account-1", count);
    await makeGroup(store);
    await check(store, events);
  });
}

function append(events: AppendItem["events"]): AppendItem {
  return { kind: "append", stream: "letters-1", expectedVersion: "any", events };
}

/** Settles as a program without types might. */
function settleAs(store: EventStore, deliveries: unknown): Promise<unknown> {
  return store.write([{ kind: "settle", group: GROUP, deliveries: deliveries as SettleItem["deliveries"] }]);
}
