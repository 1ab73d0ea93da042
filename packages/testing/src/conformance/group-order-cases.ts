import assert from "node:assert/strict";
import type { EventStore, GroupDefinition } from "@reactive-domain/persistence";
import { requiring, storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime, later } from "./deadline.ts";
import { claim, eventsIn, makeGroup, placesOf, settle } from "./group-work.ts";
import { fill, grow, newEvent } from "./new-event.ts";
import { idsOf, numbersBelow } from "./reading.ts";

const CONSUMERS = ["worker-1", "worker-2", "worker-3", "worker-4"];
/** A group of 5,000 events takes a store some time. */
const DRAIN_MS = 30_000;

/** Consumers that share the events of a group, and the order in which they get them. */
export const groupOrderCases: readonly ConformanceCase[] = requiring(
  ["consumerGroups"],
  [
    storeCase("an event behind an unsettled one of its stream waits for it; other streams go on", [], async (store) => {
      await fillTwoStreams(store);
      await makeGroup(store);
      const first = await claim(store, { maxEvents: 1 });
      const second = await claim(store, { consumer: "worker-2", maxEvents: 1 });
      assert.deepEqual([placesOf(first), placesOf(second)], [[0], [2]]);
      assert.deepEqual(await claim(store, { consumer: "worker-3" }), []);
      await settle(store, first, "acknowledge");
      assert.deepEqual(placesOf(await claim(store, { consumer: "worker-3" })), [1, 3]);
      await settle(store, second, "acknowledge");
      assert.deepEqual(placesOf(await claim(store, { consumer: "worker-4" })), [4]);
    }),

    storeCase("several events of one stream come together to one consumer, and are settled one by one", [], async (store) => {
      await fillTwoStreams(store);
      await makeGroup(store);
      const deliveries = await claim(store, { maxEvents: 2 });
      assert.deepEqual(placesOf(deliveries), [0, 1]);
      await settle(store, deliveries.slice(0, 1), "acknowledge");
      assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [2, 4], "Event 3 is behind event 1.");
      await settle(store, deliveries.slice(1), "acknowledge");
      assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [3]);
    }),

    storeCase("ordered by correlation, the events of one chain wait for each other, whatever their streams", [], async (store) => {
      const chained = (correlationId: string) => newEvent({ metadata: JSON.stringify({ correlationId }) });
      for (const [stream, event] of [
        ["account-1", chained("chain-1")],
        ["account-2", chained("chain-1")],
        ["account-1", chained("chain-2")],
        ["account-1", newEvent()],
        ["account-1", newEvent({ metadata: "no JSON" })],
      ] as const)
        await store.append(stream, [event], { expectedVersion: "any" });
      await makeGroup(store, { orderBy: "correlation" });
      const first = await claim(store, { maxEvents: 1 });
      assert.deepEqual(placesOf(first), [0]);
      assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [2, 3, 4], "Only chain-1 waits.");
      await settle(store, first, "acknowledge");
      assert.deepEqual(placesOf(await claim(store, { consumer: "worker-2" })), [1]);
    }),

    storeCase("without an order all events go to whoever asks, each to one", [], async (store) => {
      await fillTwoStreams(store);
      await makeGroup(store, { orderBy: "none" });
      const claimed: number[] = [];
      for (const consumer of CONSUMERS) claimed.push(...placesOf(await claim(store, { consumer, maxEvents: 1 })));
      assert.deepEqual(claimed, [0, 1, 2, 3]);
      assert.deepEqual(placesOf(await claim(store)), [4]);
    }),

    storeCase("a claim gives no more than it asks for, the first ones first, of history and of what is appended", [], async (store) => {
      await grow(store, "account-1", 3);
      await makeGroup(store, { orderBy: "none" });
      assert.deepEqual(placesOf(await claim(store, { maxEvents: 2 })), [0, 1]);
      await grow(store, "account-1", 3);
      assert.deepEqual(placesOf(await claim(store, { maxEvents: 2 })), [2, 3]);
      assert.deepEqual(placesOf(await claim(store, { maxEvents: 2 })), [4, 5]);
    }),

    storeCase("a claim that does not wait finds what is its own behind many events that are not", [], async (store) => {
      for (let turn = 0; turn < 11; turn++) await grow(store, "account-1", 1_000);
      await grow(store, "order-1", 1);
      await makeGroup(store, { filter: { categories: ["order"] } });
      assert.deepEqual(placesOf(await claim(store)), [11_000]);
    }),

    storeCase("without maxEvents a claim gives one", [], async (store) => {
      await grow(store, "account-1", 3);
      await makeGroup(store);
      assert.equal((await store.groups.claim("mailer", { consumer: "worker-1" })).length, 1);
    }),

    ...(["stream", "none"] as const).map((orderBy) =>
      storeCase(
        `consumers that compete get each event once between them, while the log grows, ordered by ${orderBy}`,
        [],
        async (store) => {
          const written = numbersBelow(10).map((turn) => later(fill(store, turn % 2 === 0 ? CHUNK : CHUNK.toReversed())));
          await workTogether(store, { orderBy }, { events: 10 * CHUNK.length, maxEvents: 3 });
          await Promise.all(written);
        },
      ),
    ),

    storeCase("a group with 5,000 events and four consumers is drained completely", [], async (store) => {
      for (const turn of numbersBelow(20)) await grow(store, `account-${turn % 7}`, 250);
      await workTogether(store, { maxUnsettled: 1_000 }, { events: 5_000, maxEvents: 100 });
      const { settledUpTo, head, waiting, claimed, parked } = await store.groups.status("mailer");
      assert.deepEqual(
        { settledUpTo, head, waiting, claimed, parked },
        { settledUpTo: 4_999, head: 4_999, waiting: 0, claimed: 0, parked: 0 },
      );
    }),
  ],
);

const CHUNK = ["account-1", "account-2", "account-1", "account-3"].map((stream) => [stream, "AmountDeposited"] as const);

/** Positions 0, 1 and 3 are of one stream, 2 and 4 of another. */
function fillTwoStreams(store: EventStore): Promise<unknown> {
  return fill(
    store,
    ["account-1", "account-1", "account-2", "account-1", "account-2"].map((stream) => [stream, "AmountDeposited"] as const),
  );
}

/** Has all consumers work until so many events are handled; each must come once, those of a stream in order and to one consumer at a time. */
async function workTogether(
  store: EventStore,
  facts: Partial<GroupDefinition>,
  { events, maxEvents }: { readonly events: number; readonly maxEvents: number },
): Promise<void> {
  await makeGroup(store, facts);
  const handled: string[] = [];
  const lastVersions = new Map<string, number>();
  const work = async (consumer: string): Promise<void> => {
    while (handled.length < events) {
      const deliveries = await claim(store, { consumer, maxEvents, waitMs: 20 });
      handled.push(...idsOf(eventsIn(deliveries)));
      for (const { stream, version } of facts.orderBy === "none" ? [] : eventsIn(deliveries)) {
        assert.equal(version, (lastVersions.get(stream) ?? -1) + 1, `${stream} must be delivered in order.`);
        lastVersions.set(stream, version);
      }
      if (deliveries.length > 0) await settle(store, deliveries, "acknowledge");
    }
  };
  await inTime(Promise.all(CONSUMERS.map(work)), `The end of the work on ${events} events`, DRAIN_MS);
  assert.equal(handled.length, events, "No event must be delivered twice.");
  assert.equal(new Set(handled).size, events, "Each event must be delivered.");
  assert.deepEqual(await claim(store), []);
}
