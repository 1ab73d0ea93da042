import { CommandAlreadyApplied, createAggregateCache, InvalidArgument, type EventStore } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, Deposit, InsufficientFunds, openBank } from "../banking.ts";
import { GrantLoan, loans, Repay } from "../lending.ts";
import { Outage, withFaults } from "../fault-store.ts";
import { versionsIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";
const deposit = (amount = 5): Deposit => new Deposit({ accountId: "a-1", amount });

/** A bank that keeps its accounts, and another one on the same store that keeps none. */
async function openCached(store: EventStore) {
  const cache = createAggregateCache();
  const { bank } = openBank(store);
  const others = openBank(store).accounts;
  await others.save(accountWith("a-1", 10));
  return {
    store,
    cache,
    bank,
    others,
    accounts: bank.repository(Account, { cache }),
    correlated: bank.correlatedRepository(Account, { cache }),
  };
}

/** Counts what is asked of a store. */
function counting(store: EventStore): { readonly store: EventStore; readonly calls: string[] } {
  const calls: string[] = [];
  const counted = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]): unknown => {
        calls.push(String(name));
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { store: counted, calls };
}

describe.each(everyStore)("a caching repository on $name", ({ open }) => {
  it("H10: gives the same instance, brought up to date with what another writer saved, whose stale copy conflicts", async () => {
    const { accounts, others, cache } = await openCached(await open());
    const held = await accounts.getById("a-1");
    const stale = await others.getById("a-1");
    await others.update("a-1", (account) => account.deposit(5));
    const again = await accounts.getById("a-1");
    expect(again).toBe(held);
    expect(again.balance).toBe(15);
    again.withdraw(1);
    await accounts.save(again);
    stale.deposit(1);
    await expect(others.save(stale)).rejects.toMatchObject({ code: "wrong-expected-version", expected: 0, actual: 2 });
    expect(await accounts.getById("a-1")).toBe(held);
    expect(held.balance).toBe(14);
    expect(cache).toMatchObject({ size: 1, hits: 2, misses: 1 });
  });

  it("H10: the same for aggregates that work for messages, from save to save", async () => {
    const { correlated, others } = await openCached(await open());
    const held = await correlated.getById("a-1", deposit());
    held.deposit(1);
    await correlated.save(held);
    await others.update("a-1", (account) => account.deposit(100));
    const again = await correlated.getById("a-1", deposit());
    expect(again).toBe(held);
    expect(again.balance).toBe(111);
  });

  it("H4: finds a deleted aggregate no more, nor the state from before when one of its id is made again", async () => {
    const { accounts, others } = await openCached(await open());
    const held = await accounts.getById("a-1");
    await others.delete(await others.getById("a-1"));
    expect(await accounts.tryGetById("a-1")).toBeUndefined();
    await others.save(accountWith("a-1", 3));
    const made = await accounts.getById("a-1");
    expect(made.balance).toBe(3);
    await others.delete(await others.getById("a-1"));
    await others.save(accountWith("a-1", 4));
    expect((await accounts.getById("a-1")).balance).toBe(4);
    expect([held.balance, made.balance]).toEqual([10, 3]);
  });

  it("H4: an aggregate that it deleted itself is gone, and its tombstone stays", async () => {
    const { accounts, cache } = await openCached(await open());
    await accounts.delete(await accounts.getById("a-1"));
    expect(cache.size).toBe(0);
    expect(await accounts.tryGetById("a-1")).toBeUndefined();
    await accounts.save(accountWith("a-1", 4));
    const again = await accounts.getById("a-1");
    await accounts.tombstone(again);
    expect(await accounts.tryGetById("a-1")).toBeUndefined();
  });

  it("gives one that is worked on for a message to nobody else", async () => {
    const { correlated } = await openCached(await open());
    const [one, other] = await Promise.all([correlated.getById("a-1", deposit()), correlated.getById("a-1", deposit())]);
    expect(one).not.toBe(other);
    one.deposit(1);
    other.deposit(2);
    await correlated.save(one);
    await expect(correlated.save(other)).rejects.toMatchObject({ code: "wrong-expected-version" });
    expect((await correlated.getById("a-1", deposit())).balance).toBe(11);
  });

  it("gives one that it keeps, and somebody works on for a message, to nobody else", async () => {
    const { accounts, correlated } = await openCached(await open());
    const kept = await accounts.getById("a-1");
    const one = await correlated.getById("a-1", deposit());
    const other = await correlated.getById("a-1", deposit());
    expect(new Set([kept, one, other]).size).toBe(3);
    expect([one, other]).not.toContain(await accounts.getById("a-1"));
  });

  it("leaves one alone that is changed while it is caught up", async () => {
    const { accounts, others } = await openCached(await open());
    const held = await accounts.getById("a-1");
    await others.update("a-1", (account) => account.deposit(5));
    const getting = accounts.getById("a-1");
    held.deposit(100);
    const other = await getting;
    expect(other).not.toBe(held);
    expect([held.balance, other.balance]).toEqual([110, 15]);
  });

  it("H10: catches the same instance up again and again", async () => {
    const { accounts, others } = await openCached(await open());
    const held = await accounts.getById("a-1");
    for (const balance of [11, 12, 13]) {
      await others.update("a-1", (account) => account.deposit(1));
      expect(await accounts.getById("a-1")).toBe(held);
      expect(held.balance).toBe(balance);
    }
  });

  it("knows what a command led to that was saved with others", async () => {
    const { bank, correlated } = await openCached(await open());
    const command = deposit();
    for (const source of [deposit(), command]) {
      const account = await correlated.getById("a-1", source);
      account.deposit(1);
      await bank.saveAll([account]);
    }
    await expect(correlated.getById("a-1", command)).rejects.toBeInstanceOf(CommandAlreadyApplied);
    expect((await correlated.getById("a-1", deposit())).balance).toBe(12);
  });

  it("gives nobody one that was left changed, and H8: the same save can be tried again", async () => {
    const { store } = await openCached(await open());
    const accounts = openBank(withFaults(store, ["before"])).bank.repository(Account, { cache: createAggregateCache() });
    const left = await accounts.getById("a-1");
    left.deposit(5);
    await expect(accounts.save(left)).rejects.toBeInstanceOf(Outage);
    const other = await accounts.getById("a-1");
    expect(other).not.toBe(left);
    expect(other.balance).toBe(10);
    expect(await accounts.save(left)).toMatchObject({ events: 1 });
    expect((await accounts.getById("a-1")).balance).toBe(15);
  });

  it("brings one up to date for several callers at once", async () => {
    const { accounts, others } = await openCached(await open());
    const held = await accounts.getById("a-1");
    for (let round = 0; round < 3; round++) await others.update("a-1", (account) => account.deposit(1));
    const all = await Promise.all(Array.from({ length: 10 }, () => accounts.getById("a-1")));
    expect(new Set(all)).toEqual(new Set([held]));
    expect(held.balance).toBe(13);
    expect(held.expectedVersion).toBe(3);
  });

  it("keeps what is new from its first save on", async () => {
    const { accounts, correlated, cache } = await openCached(await open());
    const made = accountWith("a-2", 5);
    await accounts.save(made);
    expect(await accounts.getById("a-2")).toBe(made);
    const created = correlated.create("a-3", deposit());
    created.deposit(1);
    await correlated.save(created);
    expect(await correlated.getById("a-3", deposit())).toBe(created);
    expect(cache.misses).toBe(0);
  });

  it("says that a command was carried out before, whoever did so", async () => {
    const { correlated, bank } = await openCached(await open());
    const uncached = bank.correlatedRepository(Account);
    const [mine, theirs] = [deposit(1), deposit(2)];
    await correlated.update("a-1", mine, (account) => account.deposit(1));
    await uncached.update("a-1", theirs, (account) => account.deposit(2));
    for (const command of [mine, theirs, mine])
      await expect(correlated.getById("a-1", command)).rejects.toBeInstanceOf(CommandAlreadyApplied);
    expect((await correlated.getById("a-1", deposit())).balance).toBe(13);
  });

  it("does not keep one as of an earlier version", async () => {
    const { accounts, others } = await openCached(await open());
    await others.update("a-1", (account) => account.deposit(5));
    const then = await accounts.getById("a-1", { asOf: { version: (await accounts.getById("a-1")).expectedVersion as never } });
    expect(then.balance).toBe(15);
    expect(await accounts.getById("a-1")).not.toBe(then);
  });

  it("lets those go that were not asked for longest, within its bytes", async () => {
    const store = await open();
    const cache = createAggregateCache({ maxBytes: 4_000 });
    const accounts = openBank(store).bank.repository(Account, { cache });
    for (const id of ["a-1", "a-2", "a-3"]) await accounts.save(accountWith(id, 1));
    expect(cache.size).toBe(3);
    const first = await accounts.getById("a-1");
    await accounts.save(accountWith("a-4", 1));
    expect(cache.size).toBe(3);
    expect(cache.bytes).toBeLessThanOrEqual(4_000);
    expect(await accounts.getById("a-1")).toBe(first);
    const { misses } = cache;
    await accounts.getById("a-2");
    expect(cache.misses).toBe(misses + 1);
    await accounts.save(accountWith("a-5", ...Array.from({ length: 100 }, () => 1)));
    expect(cache.bytes).toBeLessThanOrEqual(4_000);
    cache.clear();
    expect(cache).toMatchObject({ size: 0, bytes: 0 });
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %d bytes, a cache of another store, and what is no cache", async (maxBytes) => {
    expect(() => createAggregateCache({ maxBytes })).toThrow(InvalidArgument);
    const cache = createAggregateCache();
    openBank().bank.repository(Account, { cache });
    expect(() => openBank().bank.repository(Account, { cache })).toThrow("one of repositories on another");
    expect(() => openBank().bank.repository(Account, { cache: { ...cache } })).toThrow("one made by createAggregateCache");
  });
});

describe.each(everyStore)("an update of a kept aggregate on $name", ({ open }) => {
  async function openCounted() {
    const { store, calls } = counting(await open());
    const opened = await openCached(store);
    return { ...opened, calls };
  }

  it("asks the store twice, to catch up and to write, and once when nobody else has written of late", async () => {
    const { correlated, calls } = await openCounted();
    const counts: string[][] = [];
    for (let round = 0; round < 5; round++) {
      calls.length = 0;
      await correlated.update("a-1", deposit(), (account) => account.deposit(1));
      counts.push([...calls]);
    }
    expect(counts).toEqual([["read", "write"], ["read", "write"], ["read", "write"], ["write"], ["write"]]);
  });

  it("asks first for as long as others write in turn", async () => {
    const { correlated, others, calls } = await openCounted();
    for (let round = 0; round < 8; round++) {
      calls.length = 0;
      await correlated.update("a-1", deposit(), (account) => account.deposit(1));
      expect(calls).toEqual(["read", "write"]);
      await others.update("a-1", (account) => account.deposit(1));
    }
  });

  it("finds out at the write that somebody else has written, and decides again on what there is", async () => {
    const { correlated, others, calls } = await openCounted();
    for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    await others.update("a-1", (account) => account.withdraw(10));
    calls.length = 0;
    const seen: number[] = [];
    await correlated.update("a-1", deposit(), (account) => {
      seen.push(account.balance);
      account.withdraw(1);
    });
    expect(seen).toEqual([14, 4]);
    expect(calls).toEqual(["write", "read", "write"]);
    calls.length = 0;
    await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    expect(calls).toEqual(["read", "write"]);
  });

  it("refuses nothing on an old state, and keeps what was refused on the one there is", async () => {
    const { correlated, others, store, calls } = await openCounted();
    for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    await others.update("a-1", (account) => account.deposit(100));
    const { value } = await correlated.update("a-1", deposit(), (account) => {
      account.withdraw(50);
      return account.balance;
    });
    expect(value).toBe(64);
    for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    const before = await versionsIn(store, STREAM);
    calls.length = 0;
    await expect(correlated.update("a-1", deposit(), (account) => account.withdraw(1000))).rejects.toBeInstanceOf(InsufficientFunds);
    expect(calls).toEqual(["read"]);
    expect(await versionsIn(store, STREAM)).toEqual(before);
    calls.length = 0;
    await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    expect(calls).toEqual(["write"]);
  });

  it("decides again on a fresh state where something was raised before it was refused", async () => {
    const { correlated, others } = await openCounted();
    for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    await others.update("a-1", (account) => account.deposit(100));
    const balances: number[] = [];
    await correlated.update("a-1", deposit(), (account) => {
      balances.push(account.balance);
      account.withdraw(10);
      account.withdraw(50);
    });
    expect(balances).toEqual([14, 114]);
  });

  it("is told what a command led to elsewhere, though it wrote without asking", async () => {
    const { correlated, bank, calls } = await openCounted();
    const uncached = bank.correlatedRepository(Account);
    for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    const [same, more, less] = [deposit(), deposit(), deposit()];
    await uncached.update("a-1", same, (account) => account.deposit(1));
    calls.length = 0;
    expect(await correlated.update("a-1", same, (account) => account.deposit(7))).toMatchObject({ repeated: true });
    expect(calls).toEqual(["write"]);
    expect((await correlated.getById("a-1", deposit())).balance).toBe(15);
    for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    await uncached.update("a-1", more, (account) => account.deposit(1));
    const another = correlated.update("a-1", more, (account) => [1, 2].forEach((amount) => account.deposit(amount)));
    await expect(another).rejects.toBeInstanceOf(CommandAlreadyApplied);
    for (let round = 0; round < 4; round++) await correlated.update("a-1", deposit(), (account) => account.deposit(1));
    await uncached.update("a-1", less, (account) => account.withdraw(24));
    await expect(correlated.update("a-1", less, (account) => account.withdraw(1000))).rejects.toBeInstanceOf(CommandAlreadyApplied);
  });

  it("serves deciders as well", async () => {
    const { store, calls } = counting(await open());
    const repository = openBank(store).bank.deciderRepository(loans, { cache: createAggregateCache() });
    await repository.handle("l-1", new GrantLoan({ loanId: "l-1", amount: 100 }));
    for (let round = 0; round < 5; round++) await repository.handle("l-1", new Repay({ loanId: "l-1", amounts: [1] }));
    calls.length = 0;
    await repository.handle("l-1", new Repay({ loanId: "l-1", amounts: [1] }));
    expect(calls).toEqual(["write"]);
    expect(await repository.stateOf("l-1")).toEqual({ owed: 94 });
  });
});
