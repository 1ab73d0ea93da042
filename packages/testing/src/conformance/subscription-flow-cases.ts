import assert from "node:assert/strict";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { Follower } from "./follower.ts";
import { fill, grow, newEvents } from "./new-event.ts";
import { idsOf, logOf, numbersBelow, positionsOf, versionsOf } from "./reading.ts";

/** Subscriptions while others write: nothing is lost, nothing comes twice, progress is told. */
export const subscriptionFlowCases: readonly ConformanceCase[] = [
  storeCase("nothing is lost or repeated at the switch to live, though the log grows with every message", ["F9"], async (store) => {
    await grow(store, "account-1", 20);
    const follower = new Follower(store.subscribe({ all: true }, { maxBatchEvents: 3 }));
    for (let appended = 20; appended < 60; appended += 2) {
      await follower.next();
      await grow(store, "account-1", 2);
    }
    await follower.untilUpTo(59);
    assert.deepEqual(positionsOf(follower.events), numbersBelow(60));
    assert.equal(follower.liveAfter.length, 1, "There must be one live signal.");
  }),

  storeCase("nothing is lost or repeated while writers and a subscription run side by side", ["F8", "F9"], async (store) => {
    const writers = numbersBelow(4).map(async (writer) => {
      for (let turn = 0; turn < 15; turn++) await grow(store, `account-${writer}`, 1 + (turn % 3));
    });
    const followers = ["start", "end"] as const;
    const [fromStart, fromEnd] = followers.map(
      (from) => new Follower(store.subscribe({ category: "account" }, { from, maxBatchEvents: 5 })),
    );
    await Promise.all([
      inTime(Promise.all(writers), "The outcome of concurrent writers"),
      fromStart?.untilUpTo(119),
      fromEnd?.untilUpTo(119),
    ]);
    assert.deepEqual(positionsOf(fromStart?.events ?? []), numbersBelow(120));
    const late = positionsOf(fromEnd?.events ?? []);
    assert.deepEqual(late, numbersBelow(120).slice(120 - late.length), "What a subscription from the end gives must have no holes.");
  }),

  storeCase("a subscription gives the same events one by one, history and new ones", ["F8", "F9"], async (store) => {
    await grow(store, "account-1", 5);
    const subscription = store.subscribe({ stream: "account-1" }, { maxBatchEvents: 2 });
    const events = subscription.events();
    const taken: RecordedEvent[] = [];
    const take = async (count: number): Promise<void> => {
      while (taken.length < count) {
        const { value } = await inTime(events.next(), `Event ${taken.length}`);
        taken.push(value ?? assert.fail(`The events ended after ${taken.length}.`));
      }
    };
    await take(5);
    const appended = grow(store, "account-1", 3);
    await take(8);
    await appended;
    assert.deepEqual(versionsOf(taken), numbersBelow(8));
    await events.return?.();
    assert.equal((await inTime(subscription.dropped, "The end of the subscription")).reason, "closed");
  }),

  storeCase("a reader that is slow misses nothing while 1,000 events are appended", ["F8", "F9"], async (store) => {
    const follower = new Follower(store.subscribe({ stream: "account-1" }));
    await follower.untilLive();
    for (let turn = 0; turn < 10; turn++) await store.append("account-1", newEvents(100), { expectedVersion: "any" });
    await follower.untilEvents(1_000);
    assert.deepEqual(versionsOf(follower.events), numbersBelow(1_000));
    await grow(store, "account-1", 1);
    await follower.untilEvents(1_001);
    assert.equal(follower.events.at(-1)?.version, 1_000);
  }),

  storeCase("a subscription's batches are as large as asked for at the most", ["F9"], async (store) => {
    await grow(store, "account-1", 10);
    const follower = new Follower(store.subscribe({ all: true }, { maxBatchEvents: 4 }));
    const sizes: number[] = [];
    while (follower.events.length < 10) {
      const before = follower.events.length;
      await follower.next();
      sizes.push(follower.events.length - before);
    }
    assert.ok(Math.max(...sizes) <= 4, `Batches of ${sizes.join(", ")} events.`);
  }),

  storeCase("a subscription tells how far it has come when the log grows by what it does not select", ["F11"], async (store) => {
    const follower = new Follower(store.subscribe({ eventType: "Wanted" }));
    await follower.untilLive();
    await fill(store, [
      ["account-1", "Other"],
      ["account-2", "Other"],
    ]);
    await follower.untilUpTo(1);
    assert.deepEqual(follower.events, []);
    const [wanted] = await grow(store, "account-1", 1, { type: "Wanted" });
    await fill(store, [["account-1", "Other"]]);
    await follower.untilUpTo(3);
    assert.deepEqual(idsOf(follower.events), [wanted?.id]);
  }),

  storeCase("everything selected up to the position that a message tells has arrived with or before it", ["F11"], async (store) => {
    const types = ["Wanted", "Other", "Other", "Wanted", "Wanted", "Other"];
    await fill(
      store,
      Array.from({ length: 24 }, (_, index) => [`account-${index % 2}`, types[index % 6] ?? ""] as const),
    );
    const wanted = (await logOf(store)).filter(({ type }) => type === "Wanted");
    const follower = new Follower(store.subscribe({ all: true }, { filter: { types: ["Wanted"] }, maxBatchEvents: 3 }));
    while (follower.liveAfter.length === 0) {
      await follower.next();
      assertCovered(follower, wanted);
    }
    assert.equal(follower.upTo, 23, "At the live signal everything is told.");
    assert.equal(follower.events.length, wanted.length);
  }),

  storeCase("several subscriptions, each at its own place and pace, get each event once", ["F8", "F9"], async (store) => {
    await grow(store, "account-1", 10);
    const followers = [1, 3, 250].map((maxBatchEvents) => new Follower(store.subscribe({ all: true }, { maxBatchEvents })));
    await followers[0]?.untilEvents(2);
    await grow(store, "account-1", 10);
    await followers[1]?.untilLive();
    await grow(store, "account-1", 10);
    await Promise.all(followers.map((follower) => follower.untilEvents(30)));
    for (const follower of followers) {
      if (follower.liveAfter.length === 0) await follower.untilLive();
      assert.deepEqual(positionsOf(follower.events), numbersBelow(30));
      assert.equal(follower.liveAfter.length, 1);
    }
  }),

  storeCase("several waiting subscriptions are all woken by one append", ["F8"], async (store) => {
    const followers = numbersBelow(5).map(() => new Follower(store.subscribe({ all: true })));
    await Promise.all(followers.map((follower) => follower.untilLive()));
    const waiting = followers.map((follower) => follower.untilEvents(1));
    await grow(store, "account-1", 1);
    await Promise.all(waiting);
  }),
];

function assertCovered({ events, upTo }: Follower, wanted: readonly RecordedEvent[]): void {
  const covered = wanted.filter(({ position }) => position <= (upTo ?? -1));
  assert.ok(events.length >= covered.length, `Up to ${upTo} there are ${covered.length} events, but ${events.length} have arrived.`);
}
