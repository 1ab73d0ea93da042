import assert from "node:assert/strict";
import { position, version } from "@reactive-domain/core";
import { storeCase, type ConformanceCase } from "./conformance-case.ts";
import { inTime } from "./deadline.ts";
import { Follower } from "./follower.ts";
import { fill, grow } from "./new-event.ts";
import { idsOf, logOf, numbersBelow, positionsOf, versionsOf } from "./reading.ts";
import { assertRefused } from "./refusal.ts";

const SOURCES = [
  ["a stream", { stream: "account-1" }],
  ["a category", { category: "account" }],
  ["an event type", { eventType: "Deposited" }],
  ["the whole log", { all: true }],
] as const;

/** History, one live signal, then new events. */
export const subscriptionCases: readonly ConformanceCase[] = [
  ...SOURCES.map(([name, source]) =>
    storeCase(`a subscription to ${name} gives its history, one live signal, then new events, each once`, ["F9", "F11"], async (store) => {
      await fill(store, OTHERS);
      const history = await grow(store, "account-1", 5, { type: "Deposited" });
      const follower = new Follower(store.subscribe(source, { maxBatchEvents: 2 }));
      await follower.untilLive();
      const new1 = await grow(store, "account-1", 3, { type: "Deposited" });
      await fill(store, OTHERS);
      const new2 = await grow(store, "account-1", 1, { type: "Deposited" });
      await follower.untilEvent(new2[0] ?? assert.fail());
      const own = follower.events.filter(({ stream }) => stream === "account-1");
      assert.deepEqual(idsOf(own), idsOf([...history, ...new1, ...new2]));
      assert.deepEqual(versionsOf(own), numbersBelow(9));
      const isAll = "all" in source;
      assert.deepEqual(
        follower.events.length - own.length,
        isAll ? 2 * OTHERS.length : 0,
        "What the source does not hold must not arrive.",
      );
      assert.deepEqual(follower.liveAfter, [isAll ? 5 + OTHERS.length : 5], "There must be one live signal, behind the history.");
      await follower.subscription.close();
    }),
  ),

  storeCase("a subscription behind event 2 of 5 gives 3 and 4, then one live signal, then what is appended", ["F9"], async (store) => {
    await grow(store, "account-1", 5);
    const follower = new Follower(store.subscribe({ stream: "account-1" }, { from: { after: version(2) } }));
    await follower.untilLive();
    assert.deepEqual(versionsOf(follower.events), [3, 4]);
    await grow(store, "account-1", 2);
    await follower.untilEvents(4);
    assert.deepEqual([versionsOf(follower.events), follower.liveAfter], [[3, 4, 5, 6], [2]]);
  }),

  storeCase("a subscription that goes on behind any event neither skips nor repeats", ["F11"], async (store) => {
    await fill(store, [...OTHERS, ["account-1", "Deposited"], ...OTHERS, ["account-2", "Deposited"], ["account-1", "Opened"]]);
    const positions = positionsOf(await logOf(store)).filter((_, index) => index === 2 || index >= 5);
    for (const [index, handled] of positions.entries()) {
      const follower = new Follower(store.subscribe({ category: "account" }, { from: { after: position(handled) } }));
      await follower.untilLive();
      assert.deepEqual(positionsOf(follower.events), positions.slice(index + 1));
      await follower.subscription.close();
    }
  }),

  storeCase("a subscription from now gives the events appended afterwards, exactly and in order", ["F8"], async (store) => {
    await grow(store, "account-1", 4);
    const follower = new Follower(store.subscribe({ stream: "account-1" }, { from: "end" }));
    await follower.untilLive();
    const events = [...(await grow(store, "account-1", 2)), ...(await grow(store, "account-1", 3))];
    await follower.untilEvents(5);
    assert.deepEqual(idsOf(follower.events), idsOf(events));
    assert.deepEqual(follower.liveAfter, [0]);
  }),

  ...SOURCES.map(([name, source]) =>
    storeCase(
      `a subscription to ${name} from the end begins at the moment of the call, not when it is first read`,
      ["F8"],
      async (store) => {
        await grow(store, "account-1", 3, { type: "Deposited" });
        const follower = new Follower(store.subscribe(source, { from: "end" }));
        const events = await grow(store, "account-1", 2, { type: "Deposited" });
        await follower.untilEvents(2);
        assert.deepEqual(idsOf(follower.events), idsOf(events));
      },
    ),
  ),

  storeCase("a subscription to a stream that does not exist yet becomes live and receives its first event", ["F8", "F9"], async (store) => {
    for (const from of ["start", "end"] as const) {
      const follower = new Follower(store.subscribe({ stream: `account-${from}` }, { from }));
      await follower.untilLive();
      const events = await grow(store, `account-${from}`, 1);
      await follower.untilEvents(1);
      assert.deepEqual(idsOf(follower.events), idsOf(events));
    }
  }),

  storeCase(
    "a subscription that is to start behind a position that the log has not reached is refused, and says so",
    ["F9"],
    async (store) => {
      await grow(store, "account-1", 2);
      for (const source of [{ all: true }, { category: "account" }, { eventType: "AmountDeposited" }] as const) {
        const subscription = store.subscribe(source, { from: { after: position(2) } });
        await assertRefused(subscription.next(), "ahead-of-log", "A subscription ahead of the log");
        assert.equal((await inTime(subscription.dropped, "The reason of the drop")).reason, "failed");
      }
      const atEnd = new Follower(store.subscribe({ all: true }, { from: { after: position(1) } }));
      await atEnd.untilLive();
    },
  ),

  storeCase("a live signal comes once on an empty log too", ["F9"], async (store) => {
    const follower = new Follower(store.subscribe({ all: true }));
    const first = await follower.next();
    assert.deepEqual([first.kind, first.upTo], ["live", null]);
    await grow(store, "account-1", 1);
    await follower.untilEvents(1);
    assert.equal(follower.liveAfter.length, 1);
  }),
];

const OTHERS = [
  ["account2-1", "DepositedToo"],
  ["order-1", "Placed"],
] as const;
