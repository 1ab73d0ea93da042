import fc from "fast-check";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, InsufficientFunds, openBank } from "../banking.ts";
import { storedIn } from "./stored-events.ts";

/** What a customer asks for: to deposit (positive) or to withdraw (negative). */
const amount = fc.integer({ min: -50, max: 50 }).filter((value) => value !== 0);

function carryOut(account: Account, value: number): void {
  if (value > 0) return account.deposit(value);
  try {
    account.withdraw(-value);
  } catch (error) {
    if (!(error instanceof InsufficientFunds)) throw error;
  }
}

/** The balance by plain arithmetic. */
function balanceAfter(values: readonly number[]): number {
  return values.reduce((balance, value) => (balance + value < 0 ? balance : balance + value), 0);
}

describe.each(everyStore)("laws of saving and loading in $name", ({ name, open }) => {
  const numRuns = name === "memory" ? 100 : 10;

  it("the fold of the history is the state after the commands, however they are spread over saves and loads", async () => {
    const session = fc.record({ reload: fc.boolean(), values: fc.array(amount, { maxLength: 10 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(session, { maxLength: 10 }), async (sessions) => {
        const { accounts } = openBank(await open());
        let account = new Account("a-1");
        for (const { reload, values } of sessions) {
          if (reload) account = (await accounts.tryGetById("a-1")) ?? account;
          for (const value of values) carryOut(account, value);
          await accounts.save(account);
        }
        const loaded = (await accounts.tryGetById("a-1")) ?? new Account("a-1");
        expect(loaded.balance).toBe(balanceAfter(sessions.flatMap(({ values }) => values)));
        expect(loaded.balance).toBe(account.balance);
        expect(loaded.expectedVersion).toBe(account.expectedVersion);
      }),
      { numRuns },
    );
  });

  it("H1: random batches come back in the order in which they were raised, each event once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }), async (sizes) => {
        const { accounts, store } = openBank(await open());
        const account = new Account("a-1");
        let next = 0;
        for (const size of sizes) {
          for (let index = 0; index < size; index++) account.deposit(next++);
          expect(await accounts.save(account)).toMatchObject({ events: size });
        }
        const stored = await storedIn(store, "banking.account-a-1");
        expect(stored.map(({ data }) => (JSON.parse(String(data)) as { amount: number }).amount)).toEqual(
          Array.from({ length: next }, (_, index) => index),
        );
        expect(stored.map(({ version }) => version)).toEqual(Array.from({ length: next }, (_, index) => index));
      }),
      { numRuns: Math.min(numRuns, 30) },
    );
  });
});
