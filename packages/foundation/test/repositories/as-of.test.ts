import { createInMemoryStore, version, withRuntime, type AsOf, type EventStore } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, Deposit, openBank, type Bank } from "../banking.ts";
import { GrantLoan, loans, Repay } from "../lending.ts";
import { storedIn } from "./stored-events.ts";

/** A bank with one account of so many deposits of 1. */
async function bankWith(store: EventStore, count: number): Promise<Bank> {
  const bank = openBank(store);
  await bank.accounts.save(accountWith("a-1", ...Array.from({ length: count }, () => 1)));
  return bank;
}

const asOfCount = (count: number): { asOf: AsOf } => ({ asOf: { version: version(count - 1) } });

describe.each(everyStore)("an aggregate as it was in $name", ({ name, open }) => {
  it.each([1, 2, 249, 250, 251, 500, 501])("H2: has exactly the first %i of its events, at that version", async (count) => {
    const { accounts } = await bankWith(await open(), 501);
    const account = await accounts.getById("a-1", asOfCount(count));
    expect(account.balance).toBe(count);
    expect(account.expectedVersion).toBe(count - 1);
  });

  it("H2: has no version before the first", async () => {
    const { accounts } = await bankWith(await open(), 3);
    for (const wrong of [-1, 0.5, Number.NaN])
      await expect(accounts.getById("a-1", { asOf: { version: wrong as never } })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("H2: at a version that it has not come to is refused, and tells how far it is", async () => {
    const { accounts } = await bankWith(await open(), 3);
    const expected = { code: "version-not-reached", details: { stream: "banking.account-a-1", version: 3, actual: 2 } };
    await expect(accounts.getById("a-1", asOfCount(4))).rejects.toMatchObject(expected);
    await expect(accounts.tryGetById("a-1", asOfCount(4))).rejects.toMatchObject(expected);
    expect(await accounts.tryGetById("a-9", asOfCount(4))).toBeUndefined();
  });

  it("H7: meets a conflict when it is changed and saved", async () => {
    const { accounts } = await bankWith(await open(), 3);
    const account = await accounts.getById("a-1", asOfCount(2));
    account.deposit(5);
    await expect(accounts.save(account)).rejects.toMatchObject({ code: "wrong-expected-version" });
    expect((await accounts.getById("a-1")).balance).toBe(3);
  });

  it("has what was committed by a time, by the store's own clock", async () => {
    const { accounts, store } = openBank(await open());
    const account = accountWith("a-1");
    for (let nth = 0; nth < 4; nth++) {
      account.deposit(1);
      await accounts.save(account);
    }
    const times = (await storedIn(store, "banking.account-a-1")).map(({ time }) => time.getTime());
    for (const timeMs of times.flatMap((time) => [time - 1, time, time + 1])) {
      const known = times.filter((time) => time <= timeMs).length;
      const found = await accounts.tryGetById("a-1", { asOf: { time: new Date(timeMs) } });
      expect(found?.balance ?? 0).toBe(known);
    }
  });

  it("is that of a correlated repository, and of a decider", async () => {
    const { bank } = await bankWith(await open(), 3);
    const source = new Deposit({ accountId: "a-1", amount: 1 });
    const account = await bank.correlatedRepository(Account).getById("a-1", source, asOfCount(2));
    expect([account.balance, account.expectedVersion]).toEqual([2, 1]);
    const lending = bank.deciderRepository(loans);
    await lending.handle("l-1", new GrantLoan({ loanId: "l-1", amount: 10 }));
    await lending.handle("l-1", new Repay({ loanId: "l-1", amounts: [4, 3] }));
    expect(await lending.stateOf("l-1", asOfCount(2))).toEqual({ owed: 6 });
    expect(await lending.stateOf("l-1")).toEqual({ owed: 3 });
  });

  it("is the fold of the events up to then, whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }), fc.nat(), async (amounts, where) => {
        const { accounts } = openBank(await open());
        await accounts.save(accountWith("a-1", ...amounts));
        const count = (where % amounts.length) + 1;
        const account = await accounts.getById("a-1", asOfCount(count));
        expect(account.balance).toBe(amounts.slice(0, count).reduce((sum, amount) => sum + amount, 0));
      }),
      { numRuns: name === "memory" ? 30 : 10 },
    );
  });
});

describe("an aggregate as it was by a clock of the test", () => {
  it("has what was committed by a time, and is not found before the first of it", async () => {
    const test = createTestRuntime({ startMs: 1_000 });
    await withRuntime(test.runtime, async () => {
      const { accounts } = openBank(createInMemoryStore());
      const account = accountWith("a-1");
      for (let day = 1; day <= 4; day++) {
        await test.clock.advanceBy(100);
        account.deposit(1);
        await accounts.save(account);
      }
      const balanceAt = async (timeMs: number): Promise<number | undefined> =>
        (await accounts.tryGetById("a-1", { asOf: { time: new Date(timeMs) } }))?.balance;
      expect(await Promise.all([1_099, 1_100, 1_199, 1_250, 1_400, 9_999].map(balanceAt))).toEqual([undefined, 1, 1, 2, 4, 4]);
      await expect(accounts.getById("a-1", { asOf: { time: new Date(1_000) } })).rejects.toMatchObject({ code: "aggregate-not-found" });
    });
  });
});
