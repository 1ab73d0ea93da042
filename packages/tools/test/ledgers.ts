import { join } from "node:path";
import type { EventStore } from "@reactive-domain/persistence";
import { openSqliteReadModels, openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { onTestFinished, vi } from "vitest";
import { run } from "../src/run.ts";
import { collectOutput } from "./collected-output.ts";

export const LEDGER = "packages/tools/test/modules/ledger.ts";

/** Amounts that are entered to an account, one event each. */
export type Entries = Readonly<Record<string, readonly number[]>>;

export interface Ledger {
  readonly store: string;
  readonly views: string;
}

/** A ledger in a file, and where its read models are to be. */
export async function ledgerWith(entries: Entries): Promise<Ledger> {
  const directory = temporaryDirectory();
  const ledger = { store: `sqlite:${join(directory, "ledger.db")}`, views: `sqlite:${join(directory, "views.db")}` };
  await enter(ledger, entries);
  return ledger;
}

/** Enters more into the ledger, and a note behind it that is nothing of its projections. */
export async function enter({ store }: Pick<Ledger, "store">, entries: Entries): Promise<void> {
  await using opened = await openSqliteStore(store.slice("sqlite:".length));
  await enterInto(opened, entries);
}

export async function enterInto(store: EventStore, entries: Entries): Promise<void> {
  for (const [account, amounts] of Object.entries(entries)) {
    const events = amounts.map((amount) => newEvent({ type: "Entered", data: JSON.stringify({ account, amount }) }));
    await store.append(`ledger.account-${account}`, events, { expectedVersion: "any" });
  }
  await store.append("ledger.note-1", [newEvent({ type: "Noted", data: JSON.stringify({ text: "counted" }) })], { expectedVersion: "any" });
}

export interface Ran {
  readonly status: number;
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
  /** What was told beside the results. */
  readonly told: readonly string[];
}

/** Runs a command within this process, with a terminal or without one. */
export async function command(args: readonly string[], isSeen = false): Promise<Ran & { readonly shown: readonly string[] }> {
  const output = collectOutput();
  const [complaints, told, shown]: [string[], string[], string[]] = [[], [], []];
  const progress = {
    isSeen,
    show: (text: string) => void shown.push(text),
    clear: () => undefined,
    tell: (line: string) => void told.push(line),
  };
  const status = await run(args, output, (line) => complaints.push(line), progress);
  return { status, lines: output.lines, complaints, told, shown };
}

/** Runs a command about a projection of the ledger, for which its definition is needed. */
export function defined(words: readonly string[], { store, views }: Ledger, ...more: readonly string[]): ReturnType<typeof command> {
  return command(["projection", ...words, "--module", LEDGER, "--store", store, "--views", views, ...more]);
}

/** Runs a command about a projection of the ledger, for which only its rows are needed. */
export function kept(words: readonly string[], { views }: Pick<Ledger, "views">, ...more: readonly string[]): ReturnType<typeof command> {
  return command(["projection", ...words, "--views", views, ...more]);
}

/** What was written as JSON, one a line. */
export function objects({ lines }: Pick<Ran, "lines">): readonly unknown[] {
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Has the projections of the ledger do otherwise than before, until the test ends or it is said again. */
export function meddle(variables: Readonly<Record<string, string>>): void {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

/** A ledger whose balances are kept, as they are at the end of its log. */
export async function keptLedger(entries: Entries): Promise<Ledger> {
  const ledger = await ledgerWith(entries);
  await rebuildFirst(ledger);
  return ledger;
}

/** Makes the file of read models, and has the balances catch up. */
export async function rebuildFirst({ store, views }: Ledger, ...more: readonly string[]): Promise<void> {
  await (await openSqliteReadModels(views.slice("sqlite:".length))).close();
  const { status, complaints } = await defined(["rebuild", "balances"], { store, views }, ...more);
  if (status !== 0) throw new Error(complaints.join("\n"));
}
