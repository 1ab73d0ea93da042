import { AggregateRoot, boundedContext, connect, Event, type EventFeed, type EventStore } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, accountWith, AmountDeposited, openBank } from "../banking.ts";
import { Journal } from "../read-models/journal.ts";

/** Another context that happens to use the same words. */
class OtherDeposited extends Event("AmountDeposited")<{ coins: number }> {}
class OtherAccount extends AggregateRoot {
  static readonly type = "Account";
  insert(coins: number): void {
    this.raise(new OtherDeposited({ coins }));
  }
}
const vending = boundedContext("vending", { aggregates: [OtherAccount], events: [OtherDeposited] });

async function fill(store: EventStore) {
  const { bank, accounts } = openBank(store);
  const machines = connect(vending, store);
  const machine = new OtherAccount("1");
  machine.insert(3);
  await machines.repository(OtherAccount).save(machine);
  await accounts.save(accountWith("1", 5));
  return { bank, accounts, machines };
}

async function seenIn(feed: EventFeed): Promise<readonly string[]> {
  await using journal = new Journal();
  await journal.start(feed);
  await journal.live;
  return journal.entries;
}

describe.each(everyStore)("two contexts in $name", ({ open }) => {
  it("have different aggregates under the same type and id", async () => {
    const { accounts } = await fill(await open());
    expect((await accounts.getById("1")).balance).toBe(5);
  });

  it.each<[string, (context: { bank: ReturnType<typeof openBank>["bank"] }) => EventFeed]>([
    ["a category", ({ bank }) => bank.category(Account)],
    ["one aggregate", ({ bank }) => bank.aggregate(Account, "1")],
    ["an event type", ({ bank }) => bank.eventType(AmountDeposited)],
    ["all events", ({ bank }) => bank.all()],
  ])("F11: %s of one never shows events of the other", async (_, feedOf) => {
    expect(await seenIn(feedOf(await fill(await open())))).toEqual(["AmountDeposited 0 of banking.account-1"]);
  });

  it("F11: the other sees its own events by the same type name", async () => {
    const { machines } = await fill(await open());
    expect(await seenIn(machines.eventType(OtherDeposited))).toEqual(["AmountDeposited 0 of vending.account-1"]);
  });

  it("keep apart when one name begins with the other", async () => {
    const store = await open();
    const options = { aggregates: [Account], events: [AmountDeposited] };
    const [bank, banking] = [connect(boundedContext("bank", options), store), connect(boundedContext("banking", options), store)];
    await banking.repository(Account).save(accountWith("1", 5));
    expect(await seenIn(bank.all())).toEqual([]);
    expect(await seenIn(bank.eventType(AmountDeposited))).toEqual([]);
    expect(await bank.repository(Account).tryGetById("1")).toBeUndefined();
  });
});

describe.each(everyStore)("the feeds of a context in $name", ({ open }) => {
  it("an event type shows that type of all aggregates, in the order of the log", async () => {
    const { bank, accounts } = openBank(await open());
    const first = new Account("1");
    first.open("Ann");
    first.deposit(5);
    await accounts.save(first);
    const second = new Account("2");
    second.open("Bob");
    await accounts.save(second);
    expect(await seenIn(bank.eventType(AccountOpened))).toEqual([
      "AccountOpened 0 of banking.account-1",
      "AccountOpened 0 of banking.account-2",
    ]);
  });

  it("one aggregate shows nothing of an aggregate whose id begins with its own", async () => {
    const { bank, accounts } = openBank(await open());
    await accounts.save(accountWith("1", 5));
    await accounts.save(accountWith("1-a", 5));
    expect(await seenIn(bank.aggregate(Account, "1"))).toEqual(["AmountDeposited 0 of banking.account-1"]);
  });
});
