import assert from "node:assert/strict";
import { version } from "@reactive-domain/core";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { Follower } from "./follower.ts";
import { grow } from "./new-event.ts";
import { idsOf } from "./reading.ts";
import { assertRefused, assertRefusedAtCall } from "./refusal.ts";
import type { ReadSource, SubscribeOptions } from "@reactive-domain/persistence";

/** How subscriptions end: by their reader, by a signal, with their store. */
export const subscriptionEndCases: readonly ConformanceCase[] = [
  storeCase("closing a subscription ends a pending wait at once, and nothing more arrives", ["F8"], async (store) => {
    const follower = new Follower(store.subscribe({ all: true }));
    await follower.untilLive();
    const pending = follower.subscription.next();
    await inTime(follower.subscription.close(), "The end of a subscription");
    assert.deepEqual(await inTime(pending, "The end of a pending wait"), { done: true, value: undefined });
    await grow(store, "account-1", 1);
    assert.deepEqual(await follower.subscription.next(), { done: true, value: undefined });
  }),

  storeCase("a subscription that is closed amid its history gives nothing more", ["F8"], async (store) => {
    await grow(store, "account-1", 10);
    const follower = new Follower(store.subscribe({ all: true }, { maxBatchEvents: 2 }));
    await follower.untilEvents(4);
    await follower.subscription.close();
    assert.equal((await follower.subscription.next()).done, true);
    assert.equal(follower.events.length, 4);
  }),

  storeCase("a subscription may be closed twice, before it is read, and by leaving its loop", ["F8"], async (store) => {
    await grow(store, "account-1", 3);
    const unread = store.subscribe({ all: true });
    await inTime(Promise.all([unread.close(), unread.close()]), "The end of a subscription");
    await unread[Symbol.asyncDispose]();
    assert.equal((await unread.next()).done, true);
    const left = store.subscribe({ all: true });
    for await (const message of left) {
      if (message.kind === "events") break;
    }
    assert.equal((await left.next()).done, true);
    await left.close();
  }),

  storeCase("closing one subscription leaves the others alone", ["F8"], async (store) => {
    const [one, other] = [new Follower(store.subscribe({ all: true })), new Follower(store.subscribe({ all: true }))];
    await one.untilLive();
    await other.untilLive();
    await one.subscription.close();
    const events = await grow(store, "account-1", 2);
    await other.untilEvents(2);
    assert.deepEqual(idsOf(other.events), idsOf(events));
  }),

  storeCase("a signal that aborts ends a pending wait: its reader gets the reason", ["F8"], async (store) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const follower = new Follower(store.subscribe({ all: true }, { signal: controller.signal }));
    await follower.untilLive();
    const pending = follower.subscription.next();
    controller.abort(reason);
    await assert.rejects(inTime(pending, "The end of a pending wait"), reason);
    assert.equal((await follower.subscription.next()).done, true);
  }),

  storeCase("a signal that is aborted already ends a subscription and a read before they give anything", ["F8"], async (store) => {
    await grow(store, "account-1", 3);
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(inTime(store.subscribe({ all: true }, { signal }).next(), "The end of a subscription"), reason);
    await assert.rejects(inTime(drain(store.read({ all: true }, { signal })), "The end of a read"), reason);
  }),

  storeCase("a signal that aborts amid a read ends it: its reader gets the reason", ["I4"], async (store) => {
    await grow(store, "account-1", 6);
    const controller = new AbortController();
    const reason = new Error("enough");
    const seen: number[] = [];
    const read = (async () => {
      for await (const { events } of store.read({ all: true }, { maxBatchEvents: 2, signal: controller.signal }).batches()) {
        seen.push(events.length);
        controller.abort(reason);
      }
    })();
    await assert.rejects(inTime(read, "The end of a read"), reason);
    assert.deepEqual(seen, [2]);
  }),

  storeCase(
    "a signal that aborts while the store is at work ends the call with its reason, or comes too late",
    ["F8", "I4"],
    async (store) => {
      await grow(store, "account-1", 3);
      const reason = new Error("enough");
      const calls: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
        (signal) => drain(store.read({ all: true }, { signal, maxBatchEvents: 1 })),
        (signal) => drain(store.read({ stream: "account-1" }, { signal, direction: "backwards", upTo: { version: version(1) } })),
        (signal) => store.subscribe({ all: true }, { signal }).next(),
        (signal) => store.subscribe({ all: true }, { signal, from: "end" }).next(),
        (signal) => store.streamInfo("account-1", { signal }),
      ];
      for (const call of calls) {
        const controller = new AbortController();
        const calling = inTime(call(controller.signal), "The end of an aborted call");
        controller.abort(reason);
        const failure: unknown = await calling.then(
          () => reason,
          (error: unknown) => error,
        );
        assert.equal(failure, reason);
      }
      const follower = new Follower(store.subscribe({ all: true }));
      await follower.untilEvents(3);
    },
  ),

  storeCase("closing a subscription that waits for the store ends the wait at once", ["F8"], async (store) => {
    await grow(store, "account-1", 3);
    for (const from of ["start", "end"] as const) {
      const subscription = store.subscribe({ all: true }, { from });
      const pending = subscription.next();
      await inTime(subscription.close(), "The end of a subscription");
      await inTime(pending, "The end of a pending wait");
      assert.equal((await subscription.next()).done, true);
    }
  }),

  {
    name: "closing the store ends a pending wait: its reader is told that the store is closed",
    behaviours: ["F8"],
    async run(open) {
      await using store = await open();
      const follower = new Follower(store.subscribe({ all: true }));
      await follower.untilLive();
      const pending = follower.subscription.next();
      const refused = assertRefused(pending, "already-closed", "a pending wait");
      await inTime(store.close(), "The end of a store");
      await refused;
    },
  },

  {
    name: "a subscription that nobody reads does not keep the store from closing, and tells its reader later",
    behaviours: ["F8"],
    async run(open) {
      await using store = await open();
      await grow(store, "account-1", 3);
      const unread = [store.subscribe({ all: true }), store.subscribe({ stream: "account-1" }, { from: "end" })];
      const amid = new Follower(store.subscribe({ all: true }, { maxBatchEvents: 1 }));
      await amid.untilEvents(1);
      await inTime(store.close(), "The end of a store");
      for (const subscription of [...unread, amid.subscription]) {
        await assertRefused(subscription.next(), "already-closed", "reading a subscription of a closed store");
        await inTime(subscription.close(), "The end of a subscription");
      }
    },
  },

  storeCase("a subscription with arguments that make no sense is refused at the call", ["F8"], async (store) => {
    const bad: readonly (readonly [source: unknown, options: unknown])[] = [
      [{ category: "" }, {}],
      [{ eventType: 1 }, {}],
      [{}, {}],
      [{ all: true }, { from: { after: -1 } }],
      [{ all: true }, { maxBatchEvents: 0 }],
      [{ all: true }, { filter: { types: "Opened" } }],
      [{ all: true }, { filter: { streamPrefix: 7 } }],
    ];
    for (const [source, options] of bad) {
      const what = `a subscription to ${JSON.stringify(source)} with ${JSON.stringify(options)}`;
      assertRefusedAtCall(() => store.subscribe(source as ReadSource, options as SubscribeOptions), "invalid-argument", what);
    }
  }),
];

async function drain(read: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of read) continue;
}
