import {
  CommandAlreadyApplied,
  createInMemoryStore,
  metadataOf,
  systemRuntime,
  withRuntime,
  WrongExpectedVersion,
  type CorrelatedRepository,
  type EventStore,
} from "@reactive-domain/foundation";
import fc from "fast-check";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, Deposit, openBank } from "../banking.ts";
import { Outage, withFaults } from "../fault-store.ts";

const IDS = ["a-1", "a-2", "a-3"] as const;
const deposit = fc.record({ accountId: fc.constantFrom(...IDS), amount: fc.integer({ min: 1, max: 100 }) });
const faults = fc.array(fc.constantFrom("none", "before", "after"), { maxLength: 20 });

/** Does what a command says until it is done, whatever stands in the way. */
async function carryOut(accounts: CorrelatedRepository<Account>, command: Deposit): Promise<void> {
  for (;;) {
    try {
      const account = (await accounts.tryGetById(command.accountId, command)) ?? accounts.create(command.accountId, command);
      account.deposit(command.amount);
      account.receiveGift(1, "the bank");
      await accounts.save(account);
      return;
    } catch (error) {
      if (error instanceof CommandAlreadyApplied) return;
      if (!(error instanceof WrongExpectedVersion || error instanceof Outage)) throw error;
    }
  }
}

/** By account: what the log says that it holds. */
async function balancesOf(store: EventStore): Promise<Record<string, number>> {
  const { accounts } = openBank(store);
  const loaded = await Promise.all(IDS.map((id) => accounts.tryGetById(id)));
  return Object.fromEntries(IDS.map((id, index) => [id, loaded[index]?.balance ?? 0]));
}

/** How often each command left its events in the log. */
async function timesApplied(store: EventStore, commands: readonly Deposit[]): Promise<readonly number[]> {
  const causes = new Map<string, number>();
  for await (const { metadata } of store.read({ all: true })) {
    const { causationId } = JSON.parse(metadata) as { causationId: string };
    causes.set(causationId, (causes.get(causationId) ?? 0) + 1);
  }
  return commands.map((command) => (causes.get(metadataOf(command).id) ?? 0) / 2);
}

function expectedBalances(deposits: readonly { accountId: string; amount: number }[]): Record<string, number> {
  const sumOf = (id: string): number =>
    deposits.filter(({ accountId }) => accountId === id).reduce((sum, { amount }) => sum + amount + 1, 0);
  return Object.fromEntries(IDS.map((id) => [id, sumOf(id)]));
}

describe("commands at the same time on a few accounts", () => {
  it("H7, H8: lose and repeat nothing when conflicts and outages are retried, in whatever order steps are taken", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deposit, { maxLength: 12 }), faults, fc.scheduler(), async (deposits, planned, steps) => {
        const scheduler = { ...systemRuntime.scheduler, turn: () => steps.schedule(Promise.resolve()) };
        await withRuntime({ scheduler }, async () => {
          const store = createInMemoryStore();
          const accounts = openBank(withFaults(store, planned)).bank.correlatedRepository(Account);
          const commands = deposits.map((facts) => new Deposit(facts));
          await steps.waitFor(Promise.all(commands.map((command) => carryOut(accounts, command))));
          expect(await steps.waitFor(balancesOf(store))).toEqual(expectedBalances(deposits));
          expect(await steps.waitFor(timesApplied(store, commands))).toEqual(commands.map(() => 1));
        });
      }),
    );
  });

  it("H8: a command that is delivered several times at once is carried out once", async () => {
    await fc.assert(
      fc.asyncProperty(deposit, fc.integer({ min: 2, max: 5 }), faults, fc.scheduler(), async (facts, times, planned, steps) => {
        const scheduler = { ...systemRuntime.scheduler, turn: () => steps.schedule(Promise.resolve()) };
        await withRuntime({ scheduler }, async () => {
          const store = createInMemoryStore();
          const accounts = openBank(withFaults(store, planned)).bank.correlatedRepository(Account);
          const command = new Deposit(facts);
          await steps.waitFor(Promise.all(Array.from({ length: times }, () => carryOut(accounts, command))));
          expect(await steps.waitFor(balancesOf(store))).toEqual(expectedBalances([facts]));
        });
      }),
    );
  });
});

describe.each(everyStore)("commands at the same time on a few accounts in $name", ({ open }) => {
  it("H7, H8: lose and repeat nothing when conflicts and outages are retried", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deposit, { maxLength: 12 }), faults, fc.boolean(), async (deposits, planned, isRepeated) => {
        const store = await open();
        const accounts = openBank(withFaults(store, planned)).bank.correlatedRepository(Account);
        const commands = deposits.map((facts) => new Deposit(facts));
        await Promise.all((isRepeated ? [...commands, ...commands] : commands).map((command) => carryOut(accounts, command)));
        expect(await balancesOf(store)).toEqual(expectedBalances(deposits));
        expect(await timesApplied(store, commands)).toEqual(commands.map(() => 1));
      }),
      { numRuns: 10 },
    );
  });
});
