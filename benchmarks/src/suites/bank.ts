import { join } from "node:path";
import { Deposit, OpenAccount, openBank, type Bank } from "@reactive-domain/example-bank";
import { MessageBuilder, systemRuntime } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { openBankFloor } from "../../floors/bank-sqlite.mjs";
import { compare, timed, type Work } from "../measure.ts";
import type { BenchReport, BenchRow } from "../report.ts";
import { inTemporaryFolder } from "../temporary-folder.ts";

interface BankRow {
  readonly id: string;
  readonly name: string;
  readonly commands: number;
  /** How many commands are under way at a time, and how many the floor puts into a transaction. */
  readonly callers: number;
}

const ROWS: readonly BankRow[] = [
  { id: "bank.seq", name: "deposits one after another, bus to read model", commands: 2_000, callers: 1 },
  { id: "bank.256", name: "deposits of 256 callers, bus to read model", commands: 20_480, callers: 256 },
];
const ROUNDS = 3;
const ACCOUNTS = 1_024;
const accountIds = Array.from({ length: ACCOUNTS }, (_, index) => `account-${String(index).padStart(6, "0")}`);

interface DepositLine {
  readonly id: string;
  readonly payload: { readonly accountId: string; readonly amountCents: number };
}

/** Commands a second end to end: command bus, aggregate, durable append, read model. */
export async function runBankSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const durability = new Set<string>();
  const rows: BenchRow[] = [];
  for (const { id, name, commands, callers } of ROWS) {
    const ours = inFolder((folder) => runOurs(folder, commands, callers, (seen) => durability.add(seen)));
    const floor = inFolder((folder) => runFloor(folder, commands, callers, (seen) => durability.add(seen)));
    const rates = await compare(ours, floor, ROUNDS);
    rows.push({ id, name, unit: "commands/s", ...rates, ratioToFloor: rates.value / rates.floor });
  }
  return { durability: [...durability].join("; "), rows };
}

function inFolder(run: (folder: string) => ReturnType<Work["run"]>): Work {
  return { run: () => inTemporaryFolder(run) };
}

async function runOurs(folder: string, commands: number, callers: number, onDurability: (seen: string) => void): ReturnType<Work["run"]> {
  await using store = await openSqliteStore(join(folder, "bank.db"));
  onDurability(store.durability);
  await using bank = await openBank(store);
  await Promise.all(accountIds.map((accountId) => bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }))));
  const lines = deposits(commands);
  const ms = await timed(async () => {
    await Promise.all(Array.from({ length: callers }, (_, caller) => sendEvery(bank, lines, caller, callers)));
    await bank.caughtUp();
  });
  return { units: commands, ms };
}

/** One caller: every `callers`-th command, each sent when the one before is answered. */
async function sendEvery(bank: Bank, lines: readonly DepositLine[], caller: number, callers: number): Promise<void> {
  for (let index = caller; index < lines.length; index += callers) {
    const { id, payload } = lines[index] as DepositLine;
    await bank.commands.send(MessageBuilder.create(new Deposit(payload), { id, correlationId: id }));
  }
}

async function runFloor(folder: string, commands: number, callers: number, onDurability: (seen: string) => void): ReturnType<Work["run"]> {
  const floor = openBankFloor(join(folder, "floor.db"));
  onDurability(floor.durability);
  floor.openAll(accountIds);
  const lines = deposits(commands);
  const ms = await timed(() => {
    for (let start = 0; start < lines.length; start += callers) floor.depositAll(lines.slice(start, start + callers));
  });
  floor.close();
  return { units: commands, ms };
}

function deposits(count: number): readonly DepositLine[] {
  return Array.from({ length: count }, (_, index) => ({
    id: systemRuntime.ids.next(),
    payload: { accountId: accountIds[index % ACCOUNTS] ?? "", amountCents: 1 + (index % 1_000) },
  }));
}
