import {
  after,
  AlreadyStarted,
  createListener,
  type FeedFaulted,
  FeedNotFound,
  InvalidArgument,
  position,
  version,
  type EventFeed,
} from "@reactive-domain/foundation";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, GiftReceived, AmountDeposited, openBank } from "../banking.ts";
import { quiet } from "../gate.ts";
import { deposit, deposits, feedsOf, noted, openWith, STREAM, virtually } from "./noted.ts";

describe("a listener", () => {
  it(
    "I7: to a stream, an aggregate, a category, a type or everything gives an event once to its handlers",
    virtually(async () => {
      const opened = openBank();
      const { accounts } = opened;
      for (const [before, feed] of feedsOf(opened).entries()) {
        await using listener = createListener(feed);
        const entries = noted(listener);
        const amounts: number[] = [];
        listener.on(AmountDeposited, ({ amount }) => amounts.push(amount));
        await listener.start({ from: "end" });
        await listener.live;
        await deposit(accounts, "a-1", 7);
        await listener.caughtUp();
        expect(entries).toEqual(deposits(before, before));
        expect(amounts).toEqual([7]);
      }
    }),
  );

  it(
    "I7: to one stream is given nothing of another, and to a type nothing of others",
    virtually(async () => {
      const { bank, accounts } = openBank();
      await using one = createListener(bank.aggregate(Account, "a-1"));
      await using gifts = createListener(bank.eventType(GiftReceived));
      const [own, given] = [noted(one), noted(gifts)];
      await Promise.all([one.start(), gifts.start()]);
      await accounts.save(accountWith("a-2", 1));
      const account = accountWith("a-1", 1);
      account.receiveGift(5, "Ada");
      await accounts.save(account);
      await Promise.all([one.caughtUp(), gifts.caughtUp()]);
      expect(own).toEqual(["AmountDeposited 0", "GiftReceived 1"]);
      expect(given).toEqual(["GiftReceived 1"]);
    }),
  );

  it(
    "I8: is refused what does not exist, of every kind, where that must exist, and may be started again",
    virtually(async () => {
      const opened = openBank();
      for (const feed of feedsOf(opened)) {
        await using listener = createListener(feed);
        const refusal = await listener.start({ mustExist: true }).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(FeedNotFound);
        expect(refusal).toMatchObject({ details: { feed: feed.name } });
        expect(listener.health).toMatchObject({ status: "not-started", error: undefined });
        await listener.start();
        await listener.live;
      }
    }),
  );

  it(
    "I8: is refused a stream that was deleted, and started on one that is there",
    virtually(async () => {
      const { bank, store } = await openWith(2);
      const feed = bank.aggregate(Account, "a-1");
      await using there = createListener(feed);
      await there.start({ mustExist: true });
      await store.write([{ kind: "delete", stream: STREAM, expectedVersion: "exists" }]);
      await using listener = createListener(feed);
      await expect(listener.start({ mustExist: true })).rejects.toBeInstanceOf(FeedNotFound);
    }),
  );

  it(
    "I8: goes live on what does not exist, and is given its first event later",
    virtually(async () => {
      const opened = openBank();
      const listeners = feedsOf(opened).map((feed) => createListener(feed));
      const noting = listeners.map((listener) => noted(listener));
      await Promise.all(listeners.map((listener) => listener.start()));
      await Promise.all(listeners.map(({ live }) => live));
      await openWith(1, opened);
      await Promise.all(listeners.map((listener) => listener.caughtUp()));
      for (const entries of noting) expect(entries).toEqual(deposits(0, 0));
      await Promise.all(listeners.map((listener) => listener.close()));
    }),
  );

  it(
    "I9: tells once that it is live, behind the history and before what comes then",
    virtually(async () => {
      const { bank, accounts } = await openWith(300);
      await using listener = createListener(bank.category(Account));
      const entries = noted(listener);
      let isLive = false;
      listener.onLive(async () => {
        await Promise.resolve();
        expect(isLive).toBe(false);
        entries.push("live");
      });
      await listener.start();
      await listener.live;
      isLive = true;
      await deposit(accounts, "a-1");
      await listener.caughtUp();
      expect(entries).toEqual([...deposits(0, 299), "live", ...deposits(300, 300)]);
    }),
  );

  it(
    "I9: tells it once also where the store drops it behind that",
    virtually(async () => {
      const faults = injectFaults(createInMemoryStore());
      const { bank, accounts } = await openWith(3, openBank(faults.store));
      await using listener = createListener(bank.category(Account));
      let times = 0;
      listener.onLive(() => times++);
      await listener.start();
      await listener.live;
      expect(faults.dropSubscriptions()).toBe(1);
      await deposit(accounts, "a-1");
      await listener.caughtUp();
      await quiet();
      expect(listener.health).toMatchObject({ status: "live", interruptions: 1 });
      expect(times).toBe(1);
    }),
  );

  it(
    "I9: that is told it is live and fails has stopped",
    virtually(async () => {
      const { bank } = await openWith(1);
      await using listener = createListener(bank.category(Account));
      listener.onLive(() => {
        throw new Error("not ready");
      });
      const faults: FeedFaulted[] = [];
      await listener.start({ onFault: (fault) => faults.push(fault) });
      await expect(listener.live).rejects.toMatchObject({ code: "feed-faulted", cause: new Error("not ready") });
      expect(faults).toHaveLength(1);
      expect(listener.health).toMatchObject({ status: "faulted", handledUpTo: 0 });
    }),
  );

  it(
    "I10: that was started is not started again, nor while it starts",
    virtually(async () => {
      const { bank } = await openWith(1);
      await using listener = createListener(bank.category(Account), { name: "The bell" });
      const entries = noted(listener);
      const starting = listener.start();
      await expect(listener.start()).rejects.toBeInstanceOf(AlreadyStarted);
      await starting;
      await expect(listener.start()).rejects.toMatchObject({ code: "already-started", details: { owner: "The bell" } });
      await listener.live;
      expect(entries).toEqual(deposits(0, 0));
    }),
  );

  it(
    "I11: names the event before the one that is handled, and that one afterwards",
    virtually(async () => {
      const { bank } = await openWith(3);
      const feed = bank.aggregate(Account, "a-1");
      await using listener = createListener(feed);
      const seen: unknown[] = [];
      listener.on(AmountDeposited, async () => {
        await Promise.resolve();
        seen.push(listener.checkpoint);
      });
      expect(listener.checkpoint).toEqual({ feed: feed.name, version: null, position: null });
      await listener.start();
      await listener.live;
      expect(seen).toEqual([
        { feed: feed.name, version: null, position: null },
        { feed: feed.name, version: 0, position: 0 },
        { feed: feed.name, version: 1, position: 1 },
      ]);
      expect(listener.checkpoint).toEqual({ feed: feed.name, version: 2, position: 2 });
    }),
  );

  it(
    "I11: names no version of a feed of several streams",
    virtually(async () => {
      const { bank } = await openWith(3);
      await using listener = createListener(bank.category(Account));
      await listener.start();
      await listener.live;
      expect(listener.checkpoint).toEqual({ feed: "category Account of banking", version: null, position: 2 });
    }),
  );

  it(
    "begins behind a place, behind a checkpoint, and with all behind a checkpoint of nothing",
    virtually(async () => {
      const { bank } = await openWith(4);
      const feed = bank.category(Account);
      for (const [from, first] of [
        [after(position(1)), 2],
        [{ feed: feed.name, version: null, position: position(2) }, 3],
        [{ feed: feed.name, version: null, position: null }, 0],
        ["start", 0],
      ] as const) {
        await using listener = createListener(feed);
        const entries = noted(listener);
        await listener.start({ from });
        await listener.live;
        expect(entries).toEqual(deposits(first, 3));
      }
    }),
  );

  it(
    "is refused what is no place, of another feed, or not to be found in several streams",
    virtually(async () => {
      const { bank } = await openWith(4);
      await using listener = createListener(bank.category(Account));
      const own = listener.checkpoint;
      for (const options of [
        { from: "middle" as never },
        { from: { ...own, feed: "another", position: position(1) } },
        { from: { ...own, version: version(1) } },
        { from: { after: -1 } as never },
        { form: "end" } as never,
        { resume: { attempts: 0 } },
        { resume: { attempt: 3 } as never },
        { resume: { minDelayMs: 10, maxDelayMs: 5 } },
        { onFault: "loud" as never },
        { onInterruption: "loud" as never },
      ])
        await expect(listener.start(options)).rejects.toBeInstanceOf(InvalidArgument);
      await listener.start();
      expect(() => createListener({} as EventFeed)).toThrow(InvalidArgument);
      expect(() => createListener(bank.all(), { name: "" })).toThrow(InvalidArgument);
      expect(() => createListener(bank.all(), { title: "x" } as never)).toThrow(InvalidArgument);
      expect(() => listener.onLive("loud" as never)).toThrow(InvalidArgument);
    }),
  );

  it(
    "behind a position that the log has not reached is refused",
    virtually(async () => {
      const { bank } = await openWith(2);
      await using listener = createListener(bank.category(Account));
      await expect(listener.start({ from: after(position(7)) })).rejects.toMatchObject({ code: "ahead-of-log" });
    }),
  );
});

describe("the signal of a listener", () => {
  it(
    "that aborts ends it as a fault, with the event at hand",
    virtually(async () => {
      const { bank } = await openWith(10);
      await using listener = createListener(bank.category(Account));
      const abort = new AbortController();
      const entries = noted(listener, (_, context) => {
        if (context.version === 3) abort.abort(new Error("enough"));
      });
      const faults: FeedFaulted[] = [];
      await listener.start({ signal: abort.signal, onFault: (fault) => faults.push(fault) });
      await expect(listener.live).rejects.toMatchObject({ code: "feed-faulted", cause: new Error("enough") });
      expect(faults).toHaveLength(1);
      expect(entries).toEqual(deposits(0, 3));
      expect(listener.checkpoint).toMatchObject({ position: 3 });
      expect(listener.health).toMatchObject({ status: "faulted", interruptions: 0 });
    }),
  );

  it(
    "that aborted before refuses the start",
    virtually(async () => {
      const { bank } = await openWith(1);
      await using listener = createListener(bank.category(Account));
      const entries = noted(listener);
      await expect(listener.start({ signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
      expect(entries).toEqual([]);
    }),
  );
});
