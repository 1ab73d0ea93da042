import { connect, createInMemoryStore, metadataOf, withRuntime, type Repository } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { expect, it } from "vitest";
import { Account, banking, Deposit } from "../first-steps/account.ts";

it("time can be replaced for a piece of code and all that it awaits", async () => {
  // #region clock
  const noon = { now: () => Date.UTC(2026, 0, 1, 12), monotonicMs: () => 0 };
  const { timeMs } = await withRuntime({ clock: noon }, async () => metadataOf(new Deposit({ accountId: "a", amount: 100 })));
  // #endregion
  expect(timeMs).toBe(Date.UTC(2026, 0, 1, 12));
});

async function openAccount(accounts: Repository<Account>, amount: number): Promise<void> {
  const account = new Account("a");
  account.open("Ann");
  account.deposit(amount);
  await accounts.save(account);
}

// #region schedules
async function withdraw(accounts: Repository<Account>, amount: number): Promise<void> {
  const account = await accounts.getById("a");
  account.withdraw(amount);
  await accounts.save(account);
}

it.each([1, 2, 3, 4, 5])("what an account holds is withdrawn once, in the schedule of seed %i", (seed) =>
  createTestRuntime({ seed }).run(async () => {
    await using store = createInMemoryStore(); // within run: it lives in the time and the order of the test
    const accounts = connect(banking, store).repository(Account);
    await openAccount(accounts, 100);
    const outcomes = await Promise.allSettled([withdraw(accounts, 100), withdraw(accounts, 100)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  }),
);
// #endregion
