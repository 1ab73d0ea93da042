import { createInMemoryStore, type EventStore } from "@reactive-domain/foundation";
import { describe, expect, it, vi } from "vitest";
import { openBank, type Bank } from "../src/application/bank.ts";
import { processCommands, type RunResult } from "../src/application/process-commands.ts";
import { summarise } from "../src/cli/summary.ts";
import { ClosePot, CloseAccount, Deposit, OpenAccount, OpenPot, SetAside, TakeBack, Withdraw } from "../src/domain/messages.ts";
import { BankTotals, LargestBalances, PotsOf, type PotView } from "../src/domain/queries.ts";
import type { CommandLine } from "../src/generate/generate-commands.ts";
import { Random } from "../src/generate/random.ts";
import type { Line } from "../src/input/lines.ts";

vi.setConfig({ testTimeout: 60_000 });

const accountId = "a";
const potId = "p";
const EVENTS_PER_SNAPSHOT = 100;

async function withAccount(bank: Bank): Promise<void> {
  await bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }));
  await bank.commands.send(new Deposit({ accountId, amountCents: 500 }));
  await bank.commands.send(new OpenPot({ accountId, potId, name: "Holidays" }));
  await bank.commands.send(new SetAside({ accountId, potId, amountCents: 300 }));
}

async function potsOf(bank: Bank): Promise<readonly PotView[]> {
  await bank.caughtUp();
  return bank.queries.ask(new PotsOf({ accountId }));
}

describe("pots by commands", () => {
  it("are seen by queries; the balance of the account stays what it is", async () => {
    await using bank = await openBank(createInMemoryStore());
    await withAccount(bank);
    expect(await bank.commands.send(new Withdraw({ accountId, amountCents: 201 }))).toMatchObject({ refusal: "insufficient-funds" });
    await bank.commands.send(new TakeBack({ accountId, potId, amountCents: 100 }));
    expect(await potsOf(bank)).toEqual([{ potId, name: "Holidays", heldCents: 200 }]);
    expect(await bank.queries.ask(new LargestBalances({ limit: 1 }))).toMatchObject([{ balanceCents: 500 }]);
    expect(await bank.queries.ask(new PotsOf({ accountId: "nobody" }))).toEqual([]);
  });

  it("are gone when they are closed, or their account is", async () => {
    await using bank = await openBank(createInMemoryStore());
    await withAccount(bank);
    await bank.commands.send(new OpenPot({ accountId, potId: "q", name: "A car" }));
    await bank.commands.send(new TakeBack({ accountId, potId, amountCents: 300 }));
    await bank.commands.send(new ClosePot({ accountId, potId }));
    expect(await potsOf(bank)).toEqual([{ potId: "q", name: "A car", heldCents: 0 }]);
    await bank.commands.send(new Withdraw({ accountId, amountCents: 500 }));
    expect(await bank.commands.send(new CloseAccount({ accountId }))).toMatchObject({ status: "accepted" });
    expect(await potsOf(bank)).toEqual([]);
    expect(await bank.queries.ask(new BankTotals({}))).toMatchObject({ open: 0, pots: 0 });
  });

  it("are counted in the summary where there are any", async () => {
    const run: RunResult = { lines: 0, accepted: 0, refused: 0, refusals: new Map(), recognised: 0, bad: 0 };
    await using bank = await openBank(createInMemoryStore());
    await bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }));
    await bank.caughtUp();
    expect(await summarise({ inputName: "input", storeName: "memory", run, reports: [] }, bank.queries)).not.toContain("open pots");
    await bank.commands.send(new OpenPot({ accountId, potId, name: "Holidays" }));
    await bank.caughtUp();
    expect(await summarise({ inputName: "input", storeName: "memory", run, reports: [] }, bank.queries)).toMatch(/open pots +1\n/);
  });
});

/** Commands of two busy accounts with pots, many of which are refused. */
function busyDay(count: number): readonly CommandLine[] {
  const random = new Random(5);
  const kinds = ["Deposit", "Withdraw", "OpenPot", "SetAside", "SetAside", "TakeBack", "ClosePot"] as const;
  return Array.from({ length: count }, (_, index) => {
    const of = { accountId: `a-${random.below(2)}` };
    const pot = { potId: `p-${random.below(3)}` };
    const amount = { amountCents: 1 + random.below(1_000) };
    const id = `c-${index}`;
    if (index < 2) return { id, type: "OpenAccount", payload: { accountId: `a-${index}`, owner: "Ann" } };
    const type = random.pick(kinds);
    if (type === "Deposit" || type === "Withdraw") return { id, type, payload: { ...of, ...amount } };
    if (type === "OpenPot") return { id, type, payload: { ...of, ...pot, name: "Holidays" } };
    return { id, type, payload: type === "ClosePot" ? { ...of, ...pot } : { ...of, ...pot, ...amount } };
  });
}

interface Told {
  readonly run: RunResult;
  readonly totals: unknown;
  readonly largest: unknown;
  readonly pots: unknown;
}

async function runOn(store: EventStore, commands: readonly CommandLine[]): Promise<Told> {
  await using bank = await openBank(store);
  const bad: string[] = [];
  const run = await processCommands(linesOf(commands), bank.commands, {
    onBadLine: (_, reason) => bad.push(reason),
    onProgress: () => undefined,
  });
  expect(bad).toEqual([]);
  await bank.caughtUp();
  const { queries } = bank;
  return {
    run,
    totals: await queries.ask(new BankTotals({})),
    largest: await queries.ask(new LargestBalances({ limit: 10 })),
    pots: await Promise.all([0, 1].map((index) => queries.ask(new PotsOf({ accountId: `a-${index}` })))),
  };
}

async function* linesOf(commands: readonly CommandLine[]): AsyncGenerator<Line> {
  let number = 0;
  for (const command of commands) yield { number: ++number, text: JSON.stringify(command), bytesRead: 0 };
}

/** A store that keeps no snapshots, and says so. */
function withoutSnapshots(store: EventStore): EventStore {
  const gaps = { ...store.gaps, snapshots: "It keeps none, for a test." };
  return new Proxy(store, {
    get(target, name) {
      if (name === "gaps") return gaps;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

describe("a bank that keeps snapshots", () => {
  it("decides as one that folds every event, also when it goes on later and in several processes", async () => {
    const commands = busyDay(800);
    const folded = await runOn(withoutSnapshots(createInMemoryStore()), commands);
    expect(folded.run.accepted).toBeGreaterThan(4 * EVENTS_PER_SNAPSHOT);
    expect(folded.run.refused).toBeGreaterThan(100);

    const store = createInMemoryStore();
    await runOn(store, commands.slice(0, 500));
    const [first, second] = await Promise.all([runOn(store, commands), runOn(store, commands)]);
    expect({ ...first.run, recognised: 0 }).toEqual({ ...folded.run, recognised: 0 });
    const { run: _run, ...held } = folded;
    expect(second).toMatchObject(held);
    expect(await runOn(store, commands)).toEqual({ ...folded, run: { ...folded.run, recognised: 800 } });
  });

  it("keeps one of each busy account, which is less than a hundred events old when the account is loaded in peace", async () => {
    const store = createInMemoryStore();
    await runOn(store, busyDay(800));
    await runOn(
      store,
      ["a-0", "a-1"].map((id) => ({ id: `last-${id}`, type: "OpenAccount", payload: { accountId: id, owner: "Ben" } })),
    );
    for (const index of [0, 1]) {
      const stream = `banking.account-a-${index}`;
      const events = [];
      for await (const { version } of store.read({ stream })) events.push(version);
      const kept = await store.snapshot(stream);
      expect(kept?.schemaVersion).toBe(1);
      expect(JSON.parse(String(kept?.data))).toMatchObject({ state: "open" });
      expect(events.length - 1 - Number(kept?.version)).toBeLessThan(EVENTS_PER_SNAPSHOT);
    }
  });
});
