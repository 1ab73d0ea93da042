import {
  AggregateRoot,
  boundedContext,
  connect,
  createAggregateCache,
  createInMemoryStore,
  type AggregateClass,
  type EventStore,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Account, accountWith, AmountDeposited, banking, Deposit, openBank, refusalOf } from "../banking.ts";
import { GrantLoan, loans, Repay } from "../lending.ts";
import { beginToTell, connectTallies, Tally, told } from "./tallies.ts";

const deposit = (amount = 5): Deposit => new Deposit({ accountId: "a-1", amount });

/** Accounts with a cache, of a program that has met nobody for a while, and another program on the same store. */
async function openQuiet(store: EventStore) {
  const cache = createAggregateCache();
  const { bank } = openBank(store);
  const others = openBank(store).accounts;
  await others.save(accountWith("a-1", 10));
  const [accounts, correlated] = [bank.repository(Account, { cache }), bank.correlatedRepository(Account, { cache })];
  for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
  return { store, bank, cache, others, accounts, correlated };
}

beforeEach(beginToTell);

describe.each(everyStore)("one cache for repositories of both kinds on $name", ({ open }) => {
  it("serves them in turn", async () => {
    const { accounts, correlated } = await openQuiet(await open());
    await accounts.update("a-1", (account) => account.deposit(1));
    await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    const account = await accounts.getById("a-1");
    account.deposit(1);
    await accounts.save(account);
    expect((await correlated.getById("a-1", deposit())).balance).toBe(17);
  });

  it("has no update work with what somebody holds", async () => {
    const { accounts, correlated } = await openQuiet(await open());
    const held = await accounts.getById("a-1");
    const refused = correlated.update("a-1", deposit(), (account) => {
      account.deposit(500);
      account.withdraw(10_000);
    });
    await expect(refused).rejects.toMatchObject({ code: "insufficient-funds" });
    expect([held.balance, held.pendingEvents]).toEqual([14, []]);
    await correlated.update("a-1", deposit(), (account) => {
      held.deposit(1_000);
      account.deposit(1);
    });
    expect((await accounts.getById("a-1")).balance).toBe(15);
  });

  it("believes no decision to do nothing that was made on an old state", async () => {
    const { correlated, others } = await openQuiet(await open());
    await others.update("a-1", (account) => account.deposit(1_000));
    const { events } = await correlated.update("a-1", deposit(), (account) => (account.balance > 500 ? account.withdraw(500) : undefined));
    expect(events).toBe(1);
  });

  it("believes none of a decider either", async () => {
    const { bank, cache, store } = await openQuiet(await open());
    const [kept, other] = [bank.deciderRepository(loans, { cache }), openBank(store).bank.deciderRepository(loans)];
    await kept.handle("l-1", new GrantLoan({ loanId: "l-1", amount: 100 }));
    for (let round = 0; round < 4; round++) await kept.handle("l-1", new Repay({ loanId: "l-1", amounts: [1] }));
    await other.handle("l-1", new Repay({ loanId: "l-1", amounts: [50] }));
    expect(await kept.handle("l-1", new Repay({ loanId: "l-1", amounts: [] }))).toMatchObject({ events: 0 });
    expect(await kept.stateOf("l-1")).toEqual({ owed: 46 });
  });
});

describe.each(everyStore)("an aggregate from elsewhere, on $name,", ({ open }) => {
  it("is not saved to another store, context or tenant", async () => {
    const { accounts } = openBank(await open());
    const other = openBank(createInMemoryStore()).accounts;
    const north = connect(boundedContext("north", { aggregates: [Account], events: banking.events }), createInMemoryStore());
    for (const repository of [accounts, other, north.repository(Account)]) await repository.save(accountWith("a-1", 5));
    const account = await accounts.getById("a-1");
    account.deposit(100);
    for (const repository of [other, north.repository(Account)]) {
      await expect(repository.save(account)).rejects.toMatchObject({ code: "invalid-argument" });
      expect((await repository.getById("a-1")).balance).toBe(5);
    }
    await expect(north.saveAll([account])).rejects.toMatchObject({ code: "invalid-argument" });
    await accounts.save(account);
    expect((await accounts.getById("a-1")).balance).toBe(105);
  });
});

/** Its route throws half-way where an amount is 13. */
class Fragile extends AggregateRoot {
  static readonly type = "Fragile";
  first = 0;
  second = 0;

  constructor(id: string) {
    super(id);
    this.register(AmountDeposited, ({ amount }) => {
      this.first += amount;
      if (amount === 13) throw new TypeError("No thirteen.");
      this.second += amount;
    });
  }

  deposit(amount: number): void {
    this.raise(new AmountDeposited({ accountId: this.id, amount }));
  }
}

describe.each(everyStore)("an aggregate whose route threw, on $name,", ({ open }) => {
  it("raises nothing more, is not saved, and is given to nobody", async () => {
    const context = connect(boundedContext("fragile", { aggregates: [Fragile], events: [AmountDeposited] }), await open());
    const repository = context.repository(Fragile, { cache: createAggregateCache() });
    const made = new Fragile("1");
    made.deposit(1);
    await repository.save(made);
    const fragile = await repository.getById("1");
    fragile.deposit(2);
    expect(() => fragile.deposit(13)).toThrow("No thirteen.");
    expect(refusalOf(() => fragile.deposit(1))).toMatchObject({ code: "aggregate-broken", details: { owner: "Fragile 1" } });
    await expect(repository.save(fragile)).rejects.toMatchObject({ code: "aggregate-broken" });
    const fresh = await repository.getById("1");
    expect(fresh).toMatchObject({ first: 1, second: 1 });
    await expect(repository.update("1", (one) => one.deposit(13))).rejects.toThrow("No thirteen.");
    expect(await repository.getById("1")).toMatchObject({ first: 1, second: 1 });
  });
});

describe("snapshots by methods that do what they should not", () => {
  function connectWith<T extends Tally>(tallyClass: AggregateClass<T>) {
    const store = createInMemoryStore();
    const { events } = connectTallies(store).context;
    const context = connect(boundedContext("tallies", { aggregates: [tallyClass], events }), store);
    return { store, context, tallies: context.repository(tallyClass) };
  }

  function warnings(): readonly unknown[] {
    const seen: unknown[] = [];
    const spy = vi.spyOn(process, "emitWarning").mockImplementation((warning) => void seen.push(warning));
    onTestFinished(() => spy.mockRestore());
    return seen;
  }

  it("raise nothing in takeSnapshot", async () => {
    class Raising extends Tally {
      override takeSnapshot(): ReturnType<Tally["takeSnapshot"]> {
        this.count(100);
        return super.takeSnapshot();
      }
    }
    const seen = warnings();
    const { store, context, tallies } = connectWith(Raising);
    const tally = new Raising("1");
    tally.count(1, 10);
    await tallies.save(tally);
    await context.idle();
    expect(tally.pendingEvents).toEqual([]);
    expect(await store.snapshot("tallies.tally-1")).toBeUndefined();
    expect(seen).toMatchObject([{ code: "snapshot-not-written", cause: { code: "invalid-argument" } }]);
    tally.count(1);
    await tallies.save(tally);
    expect((await tallies.getById("1")).sum).toBe(11);
    await context.idle();
  });

  it("are not restored by a method that answers later", async () => {
    class Late extends Tally {
      // The compiler takes this for a method without a result.
      override restoreFromSnapshot(state: ReturnType<Tally["takeSnapshot"]>): void {
        return Promise.resolve().then(() => super.restoreFromSnapshot(state)) as never;
      }
    }
    const seen = warnings();
    const { context, tallies } = connectWith(Late);
    const tally = new Late("1");
    tally.count(1, 12);
    await tallies.save(tally);
    await context.idle();
    expect((await tallies.getById("1")).sum).toBe(12);
    expect(seen).toMatchObject([{ code: "corrupt-snapshot", message: expect.stringContaining("at once") as string }]);
    await context.idle();
  });

  it("are written of what is changed again at once after each save", async () => {
    const { store, tallies, context } = connectWith(Tally);
    const tally = new Tally("1");
    for (let round = 0; round < 40; round++) {
      tally.count(1);
      await tallies.save(tally);
    }
    tally.count(1);
    await context.idle();
    expect((await store.snapshot("tallies.tally-1"))?.version).toBeGreaterThanOrEqual(9);
    expect((await tallies.getById("1")).sum).toBe(40);
    expect(told.taken).toBeGreaterThan(0);
  });
});
