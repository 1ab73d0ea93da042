import { metadataOf, MessageBuilder, ReadModelBase, withRuntime, type EventContext } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, accountWith, AmountDeposited, AmountWithdrawn, Deposit, GiftReceived, openBank } from "../banking.ts";
import { Gate, quiet } from "../gate.ts";
import { Journal } from "./journal.ts";

class Handlers extends ReadModelBase {
  readonly calls: string[] = [];
  constructor() {
    super();
    this.on(GiftReceived, (event) => this.calls.push(`gift from ${event.from}`));
    this.on(AmountDeposited, (event) => this.calls.push(`deposit of ${event.amount}`));
    this.on(AmountDeposited, () => this.calls.push("again"));
  }
}

/** Keeps the context of each event that it is given. */
class Contexts extends ReadModelBase {
  readonly all: EventContext[] = [];
  constructor() {
    super();
    this.on(AmountDeposited, (_, context) => {
      this.all.push(context);
    });
  }
}

class Misused extends ReadModelBase {
  register(eventClass: unknown, handler: unknown): void {
    this.on(eventClass as typeof AccountOpened, handler as () => void);
  }
}

describe("handlers of a read model", () => {
  it("C1: of a base class are given derived events too, each once, in the order of registration", async () => {
    const { bank, accounts } = openBank();
    const account = accountWith("a-1", 5);
    account.receiveGift(7, "Bob");
    account.withdraw(1);
    await accounts.save(account);
    await using model = new Handlers();
    await model.start(bank.category(Account));
    await model.live;
    expect(model.calls).toEqual(["deposit of 5", "again", "gift from Bob", "deposit of 7", "again"]);
  });

  it("C2: events without a handler are passed over, and count as handled", async () => {
    const { bank, accounts } = openBank();
    const account = new Account("a-1");
    account.open("Ann");
    await accounts.save(account);
    await using model = new Handlers();
    await model.start(bank.category(Account));
    await model.live;
    expect(model.calls).toEqual([]);
    expect(model.health).toMatchObject([{ handledUpTo: 0 }]);
  });

  it("G10: are given an event of an old version in its newest shape", async () => {
    const { bank, store } = openBank();
    const id = "0198b2a4-0000-7000-8000-000000000001";
    const old = { id, type: "AmountWithdrawn", schemaVersion: 1, contentType: "application/json", metadata: "{}" };
    await store.append("banking.account-a-1", [{ ...old, data: '{"accountId":"a-1","sum":30}' }], { expectedVersion: "noStream" });
    const amounts: unknown[] = [];
    await using journal = new Journal((event) => amounts.push(event instanceof AmountWithdrawn ? event.amount : "another event"));
    await journal.start(bank.category(Account));
    await journal.live;
    expect(amounts).toEqual([30]);
  });

  it("are told when an event was committed, and the chain that it belongs to", async () => {
    const time = createTestRuntime({ startMs: 1_700_000_000_000 });
    await withRuntime(time.runtime, async () => {
      const { bank } = openBank();
      const accounts = bank.correlatedRepository(Account);
      const command = MessageBuilder.from(new Deposit({ accountId: "a-1", amount: 1 })).create(
        new Deposit({ accountId: "a-1", amount: 5 }),
      );
      const account = accounts.create("a-1", command);
      account.deposit(5);
      await time.clock.advanceBy(250);
      await accounts.save(account);
      await using model = new Contexts();
      await model.start(bank.category(Account));
      await model.live;
      const { id, correlationId } = metadataOf(command);
      expect(model.all).toHaveLength(1);
      expect(model.all[0]).toMatchObject({ stream: "banking.account-a-1", version: 0, position: 0, time: new Date(1_700_000_000_250) });
      expect(model.all[0]?.metadata).toMatchObject({ causationId: id, correlationId, timeMs: 1_700_000_000_000 });
    });
  });

  it("of two feeds never run at the same time", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1, 2, 3));
    await accounts.save(accountWith("a-2", 1, 2, 3));
    let running = 0;
    let most = 0;
    await using journal = new Journal(async () => {
      most = Math.max(most, ++running);
      await quiet();
      running--;
    });
    await Promise.all([journal.start(bank.aggregate(Account, "a-1")), journal.start(bank.aggregate(Account, "a-2"))]);
    await journal.live;
    expect(journal.entries).toHaveLength(6);
    expect(most).toBe(1);
  });

  it("of different models do not wait for each other", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    const gate = new Gate();
    await using slow = new Journal(() => gate.pass());
    await using quick = new Journal();
    await slow.start(bank.category(Account));
    await quick.start(bank.category(Account));
    await quick.live;
    expect(slow.entries).toEqual([]);
    gate.open();
    await slow.live;
    expect(slow.entries).toEqual(quick.entries);
  });

  it("refuse what is no event class, and what is no function", async () => {
    await using model = new Misused();
    expect(() => model.register(undefined, () => undefined)).toThrow("eventClass must be a class made by Event");
    expect(() => model.register(AccountOpened, "open")).toThrow("The handler of AccountOpened must be a function");
  });
});
