import { AlreadyClosed, after, metadataOf, position, version, yieldToLoop } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank } from "../banking.ts";
import { Gate, isSettled } from "../gate.ts";
import { Journal } from "./journal.ts";

const deposits = (count: number): readonly number[] => Array.from({ length: count }, () => 1);
const amountOf = (event: unknown): number => (event instanceof AmountDeposited ? event.amount : 0);

describe("a read model", () => {
  it("J1: is live while nothing was started", async () => {
    await using journal = new Journal();
    await journal.live;
    expect(journal.health).toEqual([]);
  });

  it("J2: has handled all of the history when it is live", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", ...deposits(600)));
    await using journal = new Journal(() => yieldToLoop());
    await journal.start(bank.category(Account));
    await journal.live;
    expect(journal.entries).toHaveLength(600);
    expect(journal.entries.at(-1)).toBe("AmountDeposited 599 of banking.account-a-1");
    expect(journal.health).toMatchObject([{ feed: "category Account of banking", status: "live", handledUpTo: 599, error: undefined }]);
  });

  it("J2: is not live while a handler is busy with the history", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1, 2));
    const gate = new Gate();
    await using journal = new Journal((event) => (amountOf(event) === 2 ? gate.pass() : undefined));
    await journal.start(bank.category(Account));
    expect(await isSettled(journal.live)).toBe(false);
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1"]);
    expect(journal.health).toMatchObject([{ status: "catching-up", handledUpTo: 0 }]);
    gate.open();
    await journal.live;
    expect(journal.entries).toHaveLength(2);
  });

  it("J2: is live only when all of its feeds are", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    await accounts.save(accountWith("a-2", 2));
    const gate = new Gate();
    await using journal = new Journal((event) => (amountOf(event) === 2 ? gate.pass() : undefined));
    await journal.start(bank.aggregate(Account, "a-1"));
    await journal.live;
    await journal.start(bank.aggregate(Account, "a-2"));
    expect(await isSettled(journal.live)).toBe(false);
    gate.open();
    await journal.live;
    expect(journal.entries).toHaveLength(2);
  });

  it("J2: is live at once on a store that is empty", async () => {
    await using journal = new Journal();
    await journal.start(openBank().bank.all());
    await journal.live;
    expect(journal.health).toMatchObject([{ status: "live", handledUpTo: null }]);
  });

  it("J4: does not wait for events that are appended after its read, and handles them later", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    const [history, later] = [new Gate(), new Gate()];
    await using journal = new Journal((event) => (amountOf(event) === 1 ? history.pass() : later.pass()));
    await journal.start(bank.category(Account));
    const { position: appended } = await accounts.save(accountWith("a-2", 2));
    history.open();
    await journal.live;
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1"]);
    later.open();
    await journal.caughtUpTo(position(Number(appended)));
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1", "AmountDeposited 0 of banking.account-a-2"]);
  });

  it("F9: handles every event once, history and new ones, while others are writing", async () => {
    const { bank, accounts } = openBank();
    const account = accountWith("a-1", ...deposits(300));
    await accounts.save(account);
    await using journal = new Journal();
    const starting = journal.start(bank.category(Account));
    for (let round = 0; round < 20; round++) {
      account.deposit(1);
      await accounts.save(account);
    }
    await starting;
    await journal.caughtUp();
    expect(journal.entries).toEqual(Array.from({ length: 320 }, (_, index) => `AmountDeposited ${index} of banking.account-a-1`));
  });

  it("J8: handles every event twice when it was started twice on one feed", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    await using journal = new Journal();
    await Promise.all([journal.start(bank.category(Account)), journal.start(bank.category(Account))]);
    await journal.live;
    const later = await accounts.getById("a-1");
    later.deposit(2);
    await accounts.save(later);
    await journal.caughtUp();
    expect(journal.entries.toSorted()).toEqual([
      "AmountDeposited 0 of banking.account-a-1",
      "AmountDeposited 0 of banking.account-a-1",
      "AmountDeposited 1 of banking.account-a-1",
      "AmountDeposited 1 of banking.account-a-1",
    ]);
  });

  it("refuses to start once it is closed", async () => {
    const journal = new Journal();
    await journal.close();
    await expect(journal.start(openBank().bank.all())).rejects.toBeInstanceOf(AlreadyClosed);
  });
});

describe("a read model that goes on from where it was", () => {
  it("J7: handles only what lies behind a position, and reports from there on", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", ...deposits(10)));
    await using journal = new Journal();
    await journal.start(bank.category(Account), { from: after(position(7)) });
    await journal.live;
    expect(journal.contexts.map((context) => context.position)).toEqual([8, 9]);
    await accounts.save(accountWith("a-2", ...deposits(10)));
    await journal.caughtUp();
    expect(journal.contexts).toHaveLength(12);
    expect(journal.health).toMatchObject([{ handledUpTo: 19 }]);
  });

  it("J7: handles only what lies behind a version of one aggregate", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-2", 1));
    await accounts.save(accountWith("a-1", ...deposits(4)));
    await using journal = new Journal();
    await journal.start(bank.aggregate(Account, "a-1"), { from: after(version(1)) });
    await journal.live;
    expect(journal.contexts.map((context) => context.version)).toEqual([2, 3]);
  });

  it("J10: reports where it goes on from before anything is delivered", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", ...deposits(3)));
    const gate = new Gate();
    await using journal = new Journal(() => gate.pass());
    await journal.start(bank.category(Account), { from: after(position(1)) });
    expect(journal.health).toMatchObject([{ status: "catching-up", handledUpTo: 1 }]);
    await journal.caughtUpTo(position(1));
    expect(journal.entries).toEqual([]);
    gate.open();
  });

  it("J10: knows no position when it goes on from a version, until something is handled", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-2", ...deposits(5)));
    await accounts.save(accountWith("a-1", ...deposits(3)));
    const gate = new Gate();
    await using journal = new Journal(() => gate.pass());
    await journal.start(bank.aggregate(Account, "a-1"), { from: after(version(1)) });
    expect(journal.health).toMatchObject([{ handledUpTo: null }]);
    gate.open();
    await journal.live;
    expect(journal.health).toMatchObject([{ handledUpTo: 7 }]);
  });
});

describe("a handler", () => {
  it("is told the event's stream, version, position and time, and its metadata", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-2", 1));
    const account = accountWith("a-1", 1, 2);
    const [, metadata] = account.pendingEvents.map((event) => metadataOf(event));
    await accounts.save(account);
    await using journal = new Journal();
    await journal.start(bank.aggregate(Account, "a-1"));
    await journal.live;
    const [, context] = journal.contexts;
    expect(context).toMatchObject({ stream: "banking.account-a-1", version: 1, position: 2 });
    expect(context?.metadata).toMatchObject({ ...metadata });
  });

  it("is told the checkpoint of its feed behind the event, from which another model goes on", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-2", 1));
    await accounts.save(accountWith("a-1", 1, 2, 3));
    for (const feed of [bank.aggregate(Account, "a-1"), bank.category(Account)]) {
      await using journal = new Journal();
      await journal.start(feed);
      await journal.live;
      const checkpoint = journal.contexts.at(-2)?.checkpoint;
      expect(checkpoint).toEqual({ feed: feed.name, version: "stream" in feed.source ? 1 : null, position: 2 });
      await using next = new Journal();
      await next.start(feed, { from: checkpoint as NonNullable<typeof checkpoint> });
      await next.live;
      expect(next.entries).toEqual(["AmountDeposited 2 of banking.account-a-1"]);
    }
  });
});
