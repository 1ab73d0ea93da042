import { createInMemoryStore, EventAlreadyRecorded, StoreUnavailable, version, type EventStore } from "@reactive-domain/foundation";
import { expect, it, vi } from "vitest";
import { openBank } from "../src/application/bank.ts";
import { processCommands, type RunResult } from "../src/application/process-commands.ts";
import { BankTotals, LargestBalances } from "../src/domain/queries.ts";
import { generateCommands, type CommandLine } from "../src/generate/generate-commands.ts";
import type { Line } from "../src/input/lines.ts";

vi.setConfig({ testTimeout: 60_000 });

async function* linesOf(commands: Iterable<CommandLine>): AsyncGenerator<Line> {
  let number = 0;
  for (const command of commands) yield { number: ++number, text: JSON.stringify(command), bytesRead: 0 };
}

interface Told {
  readonly run: RunResult;
  readonly bad: readonly string[];
  readonly totals: unknown;
  readonly largest: unknown;
}

async function runOn(store: EventStore, commands: Iterable<CommandLine>, maxInFlight?: number): Promise<Told> {
  const bad: string[] = [];
  await using bank = await openBank(store);
  const run = await processCommands(linesOf(commands), bank.commands, {
    ...(maxInFlight === undefined ? undefined : { maxInFlight }),
    onBadLine: ({ number }, reason) => bad.push(`${number}: ${reason}`),
    onProgress: () => undefined,
  });
  await bank.caughtUp();
  return {
    run,
    bad,
    totals: await bank.queries.ask(new BankTotals({})),
    largest: await bank.queries.ask(new LargestBalances({ limit: 1000 })),
  };
}

const open: CommandLine = { id: "c1", type: "OpenAccount", payload: { accountId: "a", owner: "Ann" } };
const deposit: CommandLine = { id: "c2", type: "Deposit", payload: { accountId: "a", amountCents: 500 } };

it("commands side by side lead to what they lead to one after another", async () => {
  const commands = [...generateCommands(3000, 11)];
  const oneByOne = await runOn(createInMemoryStore(), commands, 1);
  expect(await runOn(createInMemoryStore(), commands, 256)).toEqual(oneByOne);
  expect(oneByOne.run.refused).toBeGreaterThan(100);
});

it("a second run recognises every command, refused ones too, and changes nothing", async () => {
  const store = createInMemoryStore();
  const commands = [...generateCommands(1000, 5)];
  const first = await runOn(store, commands);
  const second = await runOn(store, commands);
  expect(second.totals).toEqual(first.totals);
  expect(second.largest).toEqual(first.largest);
  expect(second.run).toEqual({ ...first.run, recognised: 1000 });
});

it("several banks that run one file on one store at the same time carry out each command once, in the order of the file", async () => {
  const commands = [...generateCommands(1500, 6)];
  const alone = await runOn(createInMemoryStore(), commands);
  const store = createInMemoryStore();
  const together = await Promise.all([1, 2, 3, 4].map(() => runOn(store, commands, 64)));
  const told = together.at(-1);
  expect(told?.largest).toEqual(alone.largest);
  expect(told?.totals).toEqual(alone.totals);
  for (const { run } of together) expect({ ...run, recognised: 0 }).toEqual(alone.run);
});

it("an id that comes again with the same content is carried out once", async () => {
  const { run, bad, largest } = await runOn(createInMemoryStore(), [open, deposit, deposit]);
  expect({ ...run, bad }).toMatchObject({ accepted: 3, recognised: 1, bad: [] });
  expect(largest).toMatchObject([{ balanceCents: 500 }]);
});

it("an id that comes again with other content is a bad line, also on another account and while the first is under way", async () => {
  const elsewhere = { ...deposit, payload: { accountId: "b", amountCents: 500 } };
  const { run, bad, largest } = await runOn(createInMemoryStore(), [open, deposit, elsewhere]);
  expect(run).toMatchObject({ accepted: 2, bad: 1 });
  expect(bad).toEqual(["3: a command with the id c2 and other content was handled before"]);
  expect(largest).toMatchObject([{ accountId: "a", balanceCents: 500 }]);
});

const unavailable = new StoreUnavailable("the store", "is being written by another process", { retryable: true });

/** A store whose next write fails, once. */
function failingOnce(store: EventStore, error: Error = unavailable): EventStore {
  let hasFailed = false;
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "write" || hasFailed) return value.bind(target) as unknown;
      return async (...args: Parameters<EventStore["write"]>) => {
        if (hasFailed) return target.write(...args);
        hasFailed = true;
        throw error;
      };
    },
  });
}

it("nothing is sent behind a command that the store failed: the next run leads to the summary of an uninterrupted one", async () => {
  const deposits = Array.from({ length: 120 }, (_, index) => ({ ...deposit, id: `d${index}` }));
  const commands = [open, ...deposits];
  const store = createInMemoryStore();
  await expect(runOn(failingOnce(store), commands)).rejects.toMatchObject({ cause: { code: "store-unavailable" } });
  expect(await runOn(store, commands)).toEqual(await runOn(createInMemoryStore(), commands));
});

it("a command that another process decided otherwise meanwhile is looked at again", async () => {
  const raced = new EventAlreadyRecorded("banking.receipt-c1", "e1", version(0));
  const { run } = await runOn(failingOnce(createInMemoryStore(), raced), [open, deposit]);
  expect(run).toMatchObject({ accepted: 2, refused: 0, bad: 0 });
});

const openOther: CommandLine = { id: "c3", type: "OpenAccount", payload: { accountId: "b", owner: "Ben" } };

it("input that breaks off ends the run with its error, after what is under way", async () => {
  const store = createInMemoryStore();
  await using bank = await openBank(store);
  const run = processCommands(breakingOff([open, openOther]), bank.commands, { onBadLine: () => undefined, onProgress: () => undefined });
  await expect(run).rejects.toThrow("The disk is gone.");
  await bank.caughtUp();
  expect(await bank.queries.ask(new BankTotals({}))).toMatchObject({ accepted: 2 });
});

async function* breakingOff(commands: Iterable<CommandLine>): AsyncGenerator<Line> {
  yield* linesOf(commands);
  throw new Error("The disk is gone.");
}

it("a store that fails ends the run with its error, after what is under way", async () => {
  const store = createInMemoryStore();
  await using bank = await openBank(store);
  await store.close();
  const run = processCommands(linesOf(generateCommands(10, 1)), bank.commands, { onBadLine: () => undefined, onProgress: () => undefined });
  await expect(run).rejects.toMatchObject({ code: "command-failed", cause: { code: "already-closed" } });
});
