import {
  CommandAlreadyApplied,
  createAggregateCache,
  createInMemoryStore,
  metadataOf,
  systemRuntime,
  withRuntime,
  WrongExpectedVersion,
  type CorrelatedRepository,
  type EventStore,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Account, accountWith, Deposit, InsufficientFunds, openBank } from "../banking.ts";
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

/** The same accounts by three programs, of which two keep what they have loaded. */
function threePrograms(store: EventStore): readonly CorrelatedRepository<Account>[] {
  return [undefined, createAggregateCache(), createAggregateCache({ maxBytes: 3_000 })].map((cache) =>
    openBank(store).bank.correlatedRepository(Account, cache && { cache }),
  );
}

/** Does what a command says by an update, until it is done; `undefined` where it was refused for good. */
async function update(accounts: CorrelatedRepository<Account>, command: Deposit): Promise<number | undefined> {
  for (;;) {
    try {
      return (await accounts.update(command.accountId, command, (account) => change(account, command), BRIEFLY)).value;
    } catch (error) {
      if (error instanceof CommandAlreadyApplied) return command.amount;
      if (error instanceof InsufficientFunds) return undefined;
      if (!(error instanceof Outage)) throw error;
    }
  }
}

const BRIEFLY = { attempts: 1_000, minDelayMs: 0.01, maxDelayMs: 0.02 };

/** Amounts below zero are taken out. It raises before it may refuse, as careless methods do. */
function change(account: Account, { amount }: Deposit): number {
  if (amount > 0) account.deposit(amount);
  else {
    account.receiveGift(1, "the bank");
    account.withdraw(-amount + 1);
  }
  return amount;
}

const work = fc.record({
  accountId: fc.constantFrom(...IDS),
  amount: fc.integer({ min: -60, max: 60 }).filter((amount) => amount !== 0),
  program: fc.nat({ max: 2 }),
  times: fc.integer({ min: 1, max: 2 }),
});

describe.each(everyStore)("updates of several programs at the same time on $name, some with caches", ({ name, open }) => {
  it("H7, H8, H10: lose and repeat nothing, and overdraw nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(work, { maxLength: 16 }), faults, async (works, planned) => {
        const store = await open();
        const plain = openBank(store).accounts;
        for (const id of IDS) await plain.save(accountWith(id, 50));
        const programs = threePrograms(withFaults(store, planned));
        const done = await Promise.all(
          works.map(async ({ program, times, ...facts }) => {
            const command = new Deposit(facts);
            const accounts = programs[program] as CorrelatedRepository<Account>;
            const outcomes = await Promise.all(Array.from({ length: times }, () => update(accounts, command)));
            return { accountId: facts.accountId, sum: outcomes.find((amount) => amount !== undefined) ?? 0 };
          }),
        );
        for (const id of IDS) {
          const { balance } = await plain.getById(id);
          expect(balance).toBe(done.filter(({ accountId }) => accountId === id).reduce((sum, { sum: amount }) => sum + amount, 50));
          expect(balance).toBeGreaterThanOrEqual(0);
          for (const accounts of programs)
            expect((await accounts.getById(id, new Deposit({ accountId: id, amount: 1 }))).balance).toBe(balance);
        }
      }),
      { numRuns: name === "memory" ? 100 : 10 },
    );
  });
});

describe("updates at the same time in whatever order steps are taken", () => {
  it("H7, H8, H10: lose and repeat nothing, with caches and without", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(work, { maxLength: 10 }), faults, fc.scheduler(), async (works, planned, steps) => {
        const scheduler = { ...systemRuntime.scheduler, turn: () => steps.schedule(Promise.resolve()) };
        await withRuntime({ scheduler }, async () => {
          const store = createInMemoryStore();
          await steps.waitFor(Promise.all(IDS.map((id) => openBank(store).accounts.save(accountWith(id, 50)))));
          const programs = threePrograms(withFaults(store, planned));
          const commands = works.map(({ accountId, amount }) => new Deposit({ accountId, amount: Math.abs(amount) }));
          await steps.waitFor(
            Promise.all(
              commands.map((command, index) => update(programs[works[index]?.program ?? 0] as CorrelatedRepository<Account>, command)),
            ),
          );
          const sums = IDS.map((id) => commands.filter(({ accountId }) => accountId === id).reduce((sum, { amount }) => sum + amount, 50));
          expect(Object.values(await steps.waitFor(balancesOf(store)))).toEqual(sums);
        });
      }),
    );
  });
});
