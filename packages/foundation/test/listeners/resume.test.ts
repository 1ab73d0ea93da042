import {
  createListener,
  currentRuntime,
  FeedFaulted,
  ReactiveDomainError,
  type EventFeed,
  type EventSerializer,
  type Listener,
} from "@reactive-domain/foundation";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { injectFaults, type FaultyStore } from "@reactive-domain/testing";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, openBank, type Bank } from "../banking.ts";
import { isSettled } from "../gate.ts";
import { deposit, deposits, feedsOf, noted, openWith, virtually } from "./noted.ts";

class Refused extends ReactiveDomainError {
  constructor(retryable: boolean) {
    super("refused", "This is refused.", { retryable });
  }
}

interface Dropping extends Bank {
  readonly faults: FaultyStore;
}

async function openDropping(events: number): Promise<Dropping> {
  const faults = injectFaults(createInMemoryStore());
  return { faults, ...(await openWith(events, openBank(faults.store))) };
}

/** A feed whose events cannot be read while a test says so. */
function unreadable(feed: EventFeed, problemOf: (version: number) => Error | undefined): EventFeed {
  const serializer: EventSerializer = {
    ...feed.serializer,
    serialize: (message, target) => feed.serializer.serialize(message, target),
    deserialize: (recorded) => {
      const problem = problemOf(recorded.version);
      if (problem !== undefined) throw problem;
      return feed.serializer.deserialize(recorded);
    },
  };
  return { ...feed, serializer };
}

describe.each(everyStore)("I13: a subscription on $name that drops", ({ open }) => {
  it("is resumed behind the last event, on every kind of feed and wherever it drops, without loss or repetition", async () => {
    const faults = injectFaults(await open());
    const opened = await openWith(12, openBank(faults.store));
    for (const feed of feedsOf(opened)) {
      for (const afterEvents of [0, 1, 5, 11, 12]) {
        await using listener = createListener(feed);
        const entries = noted(listener);
        const told: Error[] = [];
        faults.dropSubscriptions({ afterEvents });
        await listener
          .start({ resume: { minDelayMs: 1, maxDelayMs: 2 }, onInterruption: (error) => told.push(error) })
          .catch(() => undefined);
        if (listener.health.status === "not-started") await listener.start();
        await listener.caughtUp();
        expect(entries).toEqual(deposits(0, 11));
        faults.heal();
      }
    }
  });

  it("goes on with what was written while it was interrupted", async () => {
    const faults = injectFaults(await open());
    const { bank, accounts } = await openWith(3, openBank(faults.store));
    await using listener = createListener(bank.category(Account));
    const entries = noted(listener);
    await listener.start({ resume: { minDelayMs: 1, maxDelayMs: 2 } });
    await listener.live;
    expect(faults.dropSubscriptions()).toBe(1);
    await deposit(accounts, "a-1");
    await listener.caughtUp();
    expect(faults.dropSubscriptions()).toBe(1);
    await deposit(accounts, "a-1");
    await listener.caughtUp();
    expect(entries).toEqual(deposits(0, 4));
    expect(listener.health).toMatchObject({ interruptions: 2, error: undefined, handledUpTo: 4 });
  });

  it("K10: by a version and by a position goes on with the same events", async () => {
    const { bank } = await openWith(9, openBank(await open()));
    const feed = bank.aggregate(Account, "a-1");
    await using first = createListener(feed);
    const entries = noted(first);
    await first.start();
    const hold = await first.hold();
    const { checkpoint } = first;
    hold.release();
    await first.close();
    for (const from of [checkpoint, { ...checkpoint, position: null }, { ...checkpoint, version: null }]) {
      await using next = createListener(feed);
      const rest = noted(next);
      await next.start({ from });
      await next.live;
      expect([...entries, ...rest]).toEqual(deposits(0, 8));
    }
  });
});

describe("an interruption", () => {
  it(
    "I13: is visible while it lasts, told each time, and forgotten when it is over",
    virtually(async ({ clock }) => {
      const { bank, faults, accounts } = await openDropping(2);
      await using listener = createListener(bank.category(Account));
      const entries = noted(listener);
      const told: string[] = [];
      await listener.start({ onInterruption: (error) => told.push(error.message) });
      await listener.live;
      faults.failSubscriptions({ times: 2, error: new Error("still away") });
      faults.dropSubscriptions({ error: new Error("away") });
      await clock.advanceBy(1);
      expect(listener.health).toMatchObject({ status: "interrupted", interruptions: 1, error: new Error("away"), handledUpTo: 1 });
      const waiting = listener.caughtUp();
      await deposit(accounts, "a-1");
      await waiting;
      await clock.advanceBy(10_000);
      expect(listener.health).toMatchObject({ status: "live", interruptions: 3, error: undefined, handledUpTo: 2 });
      expect(told).toEqual(["away", "still away", "still away"]);
      expect(entries).toEqual(deposits(0, 2));
    }),
  );

  it(
    "I13: is waited out for longer each time, in bounds, and for as long as it takes",
    virtually(async ({ clock }) => {
      const { bank, faults } = await openDropping(1);
      await using listener = createListener(bank.category(Account));
      noted(listener);
      const timesMs: number[] = [];
      await listener.start({ onInterruption: () => timesMs.push(currentRuntime().clock.now()) });
      await listener.live;
      faults.failSubscriptions({ times: 60 });
      faults.dropSubscriptions();
      await clock.advanceBy(3_600_000);
      expect(timesMs).toHaveLength(61);
      const waitsMs = timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? 0));
      for (const [index, waitMs] of waitsMs.entries()) {
        expect(waitMs).toBeGreaterThanOrEqual(50);
        expect(waitMs).toBeLessThanOrEqual(Math.min(10_000, 50 * 2 ** (index + 1)) + 1);
      }
      expect(Math.max(...waitsMs)).toBeGreaterThan(5_000);
      expect(new Set(waitsMs).size).toBeGreaterThan(30);
      expect(listener.health).toMatchObject({ status: "live" });
    }),
  );

  it(
    "I13: begins with short waits again once something went well",
    virtually(async ({ clock }) => {
      const { bank, faults, accounts } = await openDropping(1);
      await using listener = createListener(bank.category(Account));
      noted(listener);
      await listener.start({ resume: { minDelayMs: 10, maxDelayMs: 100_000 } });
      await listener.live;
      faults.failSubscriptions({ times: 10 });
      faults.dropSubscriptions();
      await clock.advanceBy(1_000_000);
      await deposit(accounts, "a-1");
      await listener.caughtUp();
      faults.dropSubscriptions();
      await clock.advanceBy(21);
      expect(listener.health).toMatchObject({ status: "live", interruptions: 12 });
    }),
  );

  it(
    "I13: is a fault when the attempts in a row are used up",
    virtually(async ({ clock }) => {
      const { bank, faults } = await openDropping(1);
      await using listener = createListener(bank.category(Account));
      const faulted: FeedFaulted[] = [];
      await listener.start({ resume: { attempts: 3 }, onFault: (fault) => faulted.push(fault) });
      await listener.live;
      faults.failSubscriptions({ times: Number.POSITIVE_INFINITY, error: new Error("away") });
      faults.dropSubscriptions();
      await clock.advanceBy(60_000);
      expect(listener.health).toMatchObject({ status: "faulted", interruptions: 3 });
      expect(faulted).toHaveLength(1);
      expect(faulted[0]).toMatchObject({ code: "feed-faulted", cause: new Error("away") });
      expect(faults.failed).toBe(4);
    }),
  );

  it(
    "I13: is a fault where nothing is to be resumed",
    virtually(async () => {
      const { bank, faults } = await openDropping(1);
      await using listener = createListener(bank.category(Account));
      const faulted: FeedFaulted[] = [];
      await listener.start({ resume: false, onFault: (fault) => faulted.push(fault) });
      await listener.live;
      faults.dropSubscriptions({ error: new Error("away") });
      await isSettled(Promise.resolve());
      expect(faulted).toMatchObject([{ cause: new Error("away"), details: { where: "between events" } }]);
      expect(listener.health).toMatchObject({ status: "faulted", interruptions: 0 });
    }),
  );

  it(
    "I13: is a fault where trying again is judged useless, and none where it may help",
    virtually(async ({ clock }) => {
      for (const [error, status] of [
        [new Refused(false), "faulted"],
        [new Refused(true), "live"],
        [new TypeError("Of whatever kind"), "live"],
      ] as const) {
        const { bank, faults } = await openDropping(1);
        await using listener = createListener(bank.category(Account));
        await listener.start({ onFault: () => undefined });
        await listener.live;
        faults.dropSubscriptions({ error });
        await clock.advanceBy(200);
        expect(listener.health.status).toBe(status);
      }
    }),
  );

  it(
    "I13: ends at once when the listener is closed meanwhile",
    virtually(async (test) => {
      const { bank, faults } = await openDropping(1);
      const listener = createListener(bank.category(Account));
      const faulted: FeedFaulted[] = [];
      await listener.start({ onFault: (fault) => faulted.push(fault), resume: { minDelayMs: 5_000 } });
      await listener.live;
      faults.dropSubscriptions();
      await test.clock.advanceBy(1);
      expect(listener.health.status).toBe("interrupted");
      await listener.close();
      expect(listener.health).toMatchObject({ status: "closed", error: { code: "already-closed" } });
      expect(faulted).toEqual([]);
      expect(test.pendingTimers).toBe(0);
    }),
  );

  it(
    "I13: is a fault when the signal aborts meanwhile",
    virtually(async ({ clock }) => {
      const { bank, faults } = await openDropping(1);
      await using listener = createListener(bank.category(Account));
      const abort = new AbortController();
      const faulted: FeedFaulted[] = [];
      await listener.start({ onFault: (fault) => faulted.push(fault), signal: abort.signal });
      await listener.live;
      faults.dropSubscriptions();
      await clock.advanceBy(1);
      abort.abort(new Error("enough"));
      await clock.advanceBy(1);
      expect(faulted).toMatchObject([{ cause: new Error("enough") }]);
      expect(listener.health.status).toBe("faulted");
    }),
  );

  it(
    "ends no process where what was dropped cannot be closed either",
    virtually(async () => {
      const { bank, faults, accounts } = await openDropping(1);
      const feed = bank.category(Account);
      const follow: EventFeed["follow"] = ({ from }) => {
        const subscription = feed.store.subscribe(feed.source, { from });
        return { next: () => subscription.next(), close: () => subscription.close().then(() => Promise.reject(new Error("stuck"))) };
      };
      const warnings: Error[] = [];
      const onWarning = (warning: Error): number => warnings.push(warning);
      process.on("warning", onWarning);
      await using listener = createListener({ ...feed, follow });
      const entries = noted(listener);
      await listener.start();
      await listener.live;
      faults.dropSubscriptions();
      await deposit(accounts, "a-1");
      await listener.caughtUp();
      await listener.close();
      process.off("warning", onWarning);
      expect(entries).toEqual(deposits(0, 1));
      expect(new Set(warnings.map(({ message }) => message))).toEqual(new Set(["stuck"]));
    }),
  );

  it(
    "that somebody fails to be told of hides nothing, and goes on",
    virtually(async () => {
      const { bank, faults, accounts } = await openDropping(1);
      await using listener = createListener(bank.category(Account));
      const warnings: Error[] = [];
      const onWarning = (warning: Error): number => warnings.push(warning);
      process.on("warning", onWarning);
      await listener.start({
        onInterruption: () => {
          throw new Error("nobody home");
        },
      });
      await listener.live;
      faults.dropSubscriptions({ error: new Error("away") });
      await deposit(accounts, "a-1");
      await listener.caughtUp();
      process.off("warning", onWarning);
      expect(warnings.map(({ message }) => message)).toEqual(["away", "nobody home"]);
    }),
  );
});

describe("events that cannot be read", () => {
  /** Events 2 and 5 fail a few times each. */
  async function openFlaky(
    failures: number,
    error: Error,
  ): Promise<{ readonly listener: Listener; readonly entries: string[]; readonly left: Map<number, number> }> {
    const { bank } = await openWith(8);
    const left = new Map([2, 5].map((version) => [version, failures]));
    const feed = unreadable(bank.category(Account), (version) => {
      const times = left.get(version) ?? 0;
      left.set(version, times - 1);
      return times > 0 ? error : undefined;
    });
    const listener = createListener(feed);
    return { listener, entries: noted(listener), left };
  }

  it(
    "I13: for a while are an interruption, and no event is handled twice",
    virtually(async () => {
      const { listener, entries } = await openFlaky(3, new Refused(true));
      await listener.start();
      await listener.live;
      expect(entries).toEqual(deposits(0, 7));
      expect(listener.health).toMatchObject({ status: "live", interruptions: 6 });
      await listener.close();
    }),
  );

  it(
    "I13: for good are a fault, which tells where",
    virtually(async () => {
      const { listener, entries } = await openFlaky(1, new Refused(false));
      const faulted: FeedFaulted[] = [];
      await listener.start({ onFault: (fault) => faulted.push(fault) });
      await expect(listener.live).rejects.toBeInstanceOf(FeedFaulted);
      expect(entries).toEqual(deposits(0, 1));
      expect(faulted).toMatchObject([
        { cause: { code: "refused" }, details: { where: "at position 2 (AmountDeposited, version 2 of banking.account-a-1)" } },
      ]);
      expect(listener.checkpoint).toMatchObject({ position: 1 });
      await listener.close();
    }),
  );

  it(
    "I13: that made an interruption are not what a fault behind it is about",
    virtually(async () => {
      const { bank, faults } = await openDropping(3);
      let isReadable = false;
      const feed = unreadable(bank.category(Account), (version) => (version === 1 && !isReadable ? new Refused(true) : undefined));
      await using listener = createListener(feed);
      noted(listener);
      const faulted: FeedFaulted[] = [];
      const onInterruption = (): void => {
        isReadable = true;
        faults.failSubscriptions({ error: new Refused(false) });
      };
      await listener.start({ onInterruption, onFault: (fault) => faulted.push(fault) });
      await expect(listener.live).rejects.toBeInstanceOf(FeedFaulted);
      expect(faulted).toMatchObject([{ cause: { code: "refused" }, details: { where: "between events" } }]);
    }),
  );

  it(
    "I13: fail for good when a handler fails on them, though its error be of those that pass",
    virtually(async () => {
      const { bank } = await openWith(3);
      await using listener = createListener(bank.category(Account));
      let calls = 0;
      const entries = noted(listener, () => {
        calls++;
        throw new Refused(true);
      });
      await listener.start({ onFault: () => undefined });
      await expect(listener.live).rejects.toMatchObject({ code: "feed-faulted", cause: { code: "refused" } });
      expect(calls).toBe(1);
      expect(entries).toEqual([]);
    }),
  );
});
