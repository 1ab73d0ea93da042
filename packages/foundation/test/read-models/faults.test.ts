import { AlreadyClosed, createInMemoryStore, position, FeedFaulted, type EventFeed, type Subscription } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { watchProcess } from "../process-notices.ts";
import { Journal } from "./journal.ts";

const FEED = "category Account of banking";

/** Handles deposits, but one of 13. */
const superstitious = (): Journal =>
  new Journal((event) => {
    if (event instanceof AmountDeposited && event.amount === 13) throw new Error("not thirteen");
  });

const warnings = watchProcess();

async function openWith(...amounts: readonly number[]) {
  const opened = openBank();
  await opened.accounts.save(accountWith("a-1", ...amounts));
  return opened;
}

describe("a handler that throws", () => {
  it("stops its feed, and tells where, why and to whom it may concern", async () => {
    const { bank } = await openWith(1, 13, 2);
    await using journal = superstitious();
    const faults: FeedFaulted[] = [];
    await journal.start(bank.category(Account), { onFault: (fault) => faults.push(fault) });
    await expect(journal.live).rejects.toBeInstanceOf(FeedFaulted);
    const [fault] = faults;
    expect(faults).toHaveLength(1);
    expect(fault).toMatchObject({
      code: "feed-faulted",
      cause: new Error("not thirteen"),
      details: { owner: "Journal", feed: FEED, where: "at position 1 (AmountDeposited, version 1 of banking.account-a-1)" },
    });
    expect(fault?.message).toContain("Journal stopped taking category Account of banking at position 1");
    expect(journal.health).toMatchObject([{ feed: FEED, status: "faulted", handledUpTo: 0, error: fault }]);
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1"]);
  });

  it("J5: rejects live, also when nobody awaits it, and the process lives", async () => {
    const { bank } = await openWith(13);
    await using journal = superstitious();
    await journal.start(bank.category(Account), { onFault: () => undefined });
    expect(await isSettled(journal.live)).toBe(true);
    await expect(journal.live).rejects.toBeInstanceOf(FeedFaulted);
  });

  it("leaves the model live that was live, and takes nothing more of its feed", async () => {
    const { bank, accounts } = await openWith(1);
    await using journal = superstitious();
    await journal.start(bank.category(Account), { onFault: () => undefined });
    await journal.live;
    await accounts.save(accountWith("a-2", 13));
    const { position: last } = await accounts.save(accountWith("a-3", 1));
    await expect(journal.caughtUpTo(position(Number(last)))).rejects.toBeInstanceOf(FeedFaulted);
    await journal.live;
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1"]);
    expect(journal.health).toMatchObject([{ status: "faulted", handledUpTo: 0 }]);
  });

  it("rejects those who wait for it to catch up, before the fault and after", async () => {
    const { bank } = await openWith(13);
    const gate = new Gate();
    await using journal = new Journal(async () => {
      await gate.pass();
      throw new Error("too late");
    });
    await journal.start(bank.category(Account), { onFault: () => undefined });
    const waiting = journal.caughtUpTo(position(0));
    gate.open();
    await expect(waiting).rejects.toMatchObject({ code: "feed-faulted", cause: new Error("too late") });
    await expect(journal.caughtUpTo(position(0))).rejects.toBeInstanceOf(FeedFaulted);
    await expect(journal.caughtUp()).rejects.toBeInstanceOf(FeedFaulted);
  });

  it("does not stop other models, nor other feeds of its own", async () => {
    const { bank, accounts } = await openWith(13);
    await accounts.save(accountWith("a-2", 1));
    await using faulty = superstitious();
    await using sound = new Journal();
    await sound.start(bank.category(Account));
    await faulty.start(bank.aggregate(Account, "a-1"), { onFault: () => undefined });
    await faulty.start(bank.aggregate(Account, "a-2"), { onFault: () => undefined });
    await quiet();
    await accounts.save(accountWith("a-3", 2));
    await sound.caughtUp();
    expect(sound.entries).toHaveLength(3);
    expect(faulty.health).toMatchObject([{ status: "faulted" }, { status: "live" }]);
    expect(faulty.entries).toEqual(["AmountDeposited 0 of banking.account-a-2"]);
  });

  it("is a warning of the process unless somebody wants to be told", async () => {
    const { bank } = await openWith(13);
    await using journal = superstitious();
    await journal.start(bank.category(Account));
    await quiet();
    expect(warnings).toMatchObject([{ name: "FeedFaulted", code: "feed-faulted" }]);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no pager");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no pager"))],
  ])("ends no process when the one who is told %s: both are warnings then", async (_, onFault) => {
    const { bank } = await openWith(13);
    await using journal = superstitious();
    await journal.start(bank.category(Account), { onFault });
    await quiet();
    expect(warnings).toMatchObject([{ code: "feed-faulted" }, { message: "no pager" }]);
    expect(journal.health).toMatchObject([{ status: "faulted" }]);
  });

  it("may be answered by closing the model", async () => {
    const { bank } = await openWith(13);
    await using journal = superstitious();
    const closed = new Gate();
    const onFault = async (): Promise<void> => {
      await journal.close();
      closed.open();
    };
    await journal.start(bank.category(Account), { onFault });
    await closed.pass();
    expect(journal.health).toMatchObject([{ status: "faulted" }]);
  });

  it("may throw anything", async () => {
    const { bank } = await openWith(13);
    const faults: FeedFaulted[] = [];
    await using journal = new Journal(() => Promise.reject(Object.create(null) as Error));
    await journal.start(bank.category(Account), { onFault: (fault) => faults.push(fault) });
    await quiet();
    expect(faults).toMatchObject([{ code: "feed-faulted" }]);
  });
});

describe("a feed that breaks", () => {
  it("J5: on a closed store rejects start and live, and the health tells why", async () => {
    const { bank, store } = openBank();
    await store.close();
    await using journal = new Journal();
    await expect(journal.start(bank.all())).rejects.toBeInstanceOf(AlreadyClosed);
    await expect(journal.live).rejects.toBeInstanceOf(AlreadyClosed);
    await expect(journal.caughtUpTo(position(0))).rejects.toBeInstanceOf(AlreadyClosed);
    expect(journal.health).toMatchObject([{ status: "faulted", handledUpTo: null, error: { code: "already-closed" } }]);
  });

  it("I13: because its store closes is a fault", async () => {
    const { bank, store } = await openWith(1);
    await using journal = new Journal();
    const faults: FeedFaulted[] = [];
    await journal.start(bank.category(Account), { onFault: (fault) => faults.push(fault) });
    await journal.live;
    await store.close();
    await quiet();
    expect(faults).toMatchObject([{ cause: { code: "already-closed" }, details: { where: "between events" } }]);
    expect(journal.health).toMatchObject([{ status: "faulted", handledUpTo: 0 }]);
  });

  it("because its signal aborts is a fault", async () => {
    const { bank } = await openWith(1);
    await using journal = new Journal();
    const abort = new AbortController();
    const faults: FeedFaulted[] = [];
    await journal.start(bank.category(Account), { signal: abort.signal, onFault: (fault) => faults.push(fault) });
    await journal.live;
    abort.abort(new Error("enough"));
    await quiet();
    expect(faults).toMatchObject([{ cause: new Error("enough") }]);
  });

  it("because an event of an unknown type was written is a fault (G6)", async () => {
    const { bank, store } = await openWith(1);
    const id = "0198b2a4-0000-7000-8000-000000000001";
    const event = { id, type: "AccountFrozen", schemaVersion: 1, contentType: "application/json", data: "{}", metadata: "{}" };
    await store.append("banking.account-a-2", [event], { expectedVersion: "noStream" });
    await using journal = new Journal();
    await journal.start(bank.category(Account), { onFault: () => undefined });
    await expect(journal.live).rejects.toMatchObject({ cause: { code: "unknown-event-type" } });
  });

  it.each(["at once", "later"])("I13: because its subscription ends by itself %s is a fault", async (when) => {
    const { bank } = await openWith(1);
    const feed = bank.category(Account);
    await using journal = new Journal();
    const faults: FeedFaulted[] = [];
    await journal.start(endingFeed(feed, when === "at once" ? 0 : 2), { onFault: (fault) => faults.push(fault) });
    await quiet();
    expect(faults).toHaveLength(1);
    expect(journal.health).toMatchObject([{ status: "faulted" }]);
  });

  it("because it was asked for wrongly rejects start, and leaves no trace", async () => {
    await using journal = new Journal();
    const store = createInMemoryStore();
    const feed = { ...openBank(store).bank.all(), source: { stream: "" } };
    await expect(journal.start(feed)).rejects.toMatchObject({ code: "invalid-argument" });
    expect(journal.health).toEqual([]);
  });
});

/** A feed whose subscription ends after some messages, as no store of ours does. */
function endingFeed(feed: EventFeed, messages: number): EventFeed {
  let remaining = messages;
  const ending = (subscription: Subscription): Subscription =>
    new Proxy(subscription, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name === "next" && remaining-- <= 0) return () => Promise.resolve({ done: true, value: undefined });
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const store = new Proxy(feed.store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === "subscribe") return (...args: Parameters<typeof target.subscribe>) => ending(target.subscribe(...args));
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...feed, store };
}
