import assert from "node:assert/strict";
import { position } from "@reactive-domain/core";
import type { Subscription, SubscriptionDrop } from "@reactive-domain/persistence";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { Follower } from "./follower.ts";
import { grow } from "./new-event.ts";
import { assertCode, assertRefused } from "./refusal.ts";

/** Why subscriptions end, as `dropped` tells it. */
export const subscriptionDropCases: readonly ConformanceCase[] = [
  storeCase("a subscription that its reader closes tells that it was closed, without an error", ["F8"], async (store) => {
    await grow(store, "account-1", 3);
    const follower = new Follower(store.subscribe({ all: true }));
    await follower.untilLive();
    assert.equal(await toldYet(follower.subscription), false, "dropped must not resolve before the end.");
    await follower.subscription.close();
    await assertClosed(follower.subscription);
    const unread = store.subscribe({ all: true });
    await unread.close();
    await assertClosed(unread);
    const left = store.subscribe({ all: true });
    for await (const _ of left) break;
    await assertClosed(left);
  }),

  storeCase("a subscription whose signal aborts tells so, with the signal's reason, also when nobody reads it", ["F8"], async (store) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const { signal } = controller;
    const [read, unread] = [new Follower(store.subscribe({ all: true }, { signal })), store.subscribe({ all: true }, { signal })];
    await read.untilLive();
    const pending = assert.rejects(inTime(read.subscription.next(), "The end of a pending wait"), reason);
    controller.abort(reason);
    await pending;
    const late = store.subscribe({ all: true }, { signal });
    for (const subscription of [read.subscription, unread, late]) {
      assert.deepEqual(await dropOf(subscription), { reason: "aborted", error: reason });
    }
  }),

  storeCase("a subscription whose store closes tells so, also when nobody reads it", ["F8"], async (store) => {
    const [read, unread] = [new Follower(store.subscribe({ all: true })), store.subscribe({ stream: "account-1" }, { from: "end" })];
    await read.untilLive();
    const pending = assertRefused(read.subscription.next(), "already-closed", "a pending wait");
    await inTime(store.close(), "The end of a store");
    await pending;
    for (const subscription of [read.subscription, unread]) await assertStoreClosed(subscription);
  }),

  storeCase("a subscription to a store that is closed already ends at once, and tells so", ["F8"], async (store) => {
    await inTime(store.close(), "The end of a store");
    for (const from of ["start", "end"] as const) {
      const subscription = store.subscribe({ all: true }, { from });
      await assertStoreClosed(subscription);
      await assertRefused(subscription.next(), "already-closed", "reading a subscription of a closed store");
    }
  }),

  storeCase("a subscription that cannot go on tells that it failed, with the error that its reader gets", ["F8"], async (store) => {
    await grow(store, "account-1", 2);
    const subscription = store.subscribe({ all: true }, { from: { after: position(7) } });
    const error = await assertRefused(subscription.next(), "ahead-of-log", "a subscription ahead of the log");
    const drop = await dropOf(subscription);
    assert.equal(drop.reason, "failed");
    assert.equal(drop.error, error);
    assert.equal((await subscription.next()).done, true, "The error is told once.");
  }),

  storeCase("the first reason for an end is the one that is told", ["F8"], async (store) => {
    const controller = new AbortController();
    const closedFirst = store.subscribe({ all: true }, { signal: controller.signal });
    await closedFirst.close();
    const abortedFirst = store.subscribe({ all: true }, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await abortedFirst.close();
    await store.close();
    await assertClosed(closedFirst);
    assert.equal((await dropOf(abortedFirst)).reason, "aborted");
  }),
];

function dropOf({ dropped }: Subscription): Promise<SubscriptionDrop> {
  return inTime(dropped, "The reason for which a subscription ended");
}

async function assertClosed(subscription: Subscription): Promise<void> {
  assert.deepEqual(await dropOf(subscription), { reason: "closed", error: undefined });
}

async function assertStoreClosed(subscription: Subscription): Promise<void> {
  const { reason, error } = await dropOf(subscription);
  assert.equal(reason, "store-closed");
  assertCode(error, "already-closed", "what a subscription of a closed store gives");
}

/** Whether it is told already why a subscription ended. */
function toldYet({ dropped }: Subscription): Promise<boolean> {
  const told = dropped.then(() => true);
  return Promise.race([told, Promise.resolve().then(() => false)]);
}
