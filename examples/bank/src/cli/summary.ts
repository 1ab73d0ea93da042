import type { MessageMetadata, QueryBus, WorkerHealth } from "@reactive-domain/foundation";
import type { RunResult } from "../application/process-commands.ts";
import { AccountList, BankTotals, LastChangeOf, type LastChange } from "../domain/queries.ts";
import { money } from "./money.ts";
import { printable } from "./printable.ts";
import { showHealth } from "./show-health.ts";

const LARGEST = 5;

/** What a summary tells of, beside what queries answer. */
export interface Summarised {
  readonly inputName: string;
  readonly storeName: string;
  readonly run: RunResult;
  readonly reports: readonly WorkerHealth[];
}

/** What the input led to, and what the bank holds now, as text. Everything between "Bank" and "Read models" comes through the query bus. */
export async function summarise({ inputName, storeName, run, reports }: Summarised, queries: QueryBus): Promise<string> {
  const totals = await queries.ask(new BankTotals({}));
  const { items: largest } = await queries.ask(
    new AccountList({ sort: [{ by: "balanceCents", direction: "desc" }], page: { size: LARGEST } }),
  );
  const [first] = largest;
  const change = first && (await queries.ask(new LastChangeOf({ accountId: first.accountId })));
  return [
    `Input: ${inputName}`,
    row("commands handled", run.accepted + run.refused),
    row("accepted", run.accepted),
    row("refused", run.refused),
    ...[...run.refusals].toSorted(byCountThenName).map(([kind, count]) => row(`  ${kind}`, count)),
    row("bad lines", run.bad),
    "",
    `Bank: ${storeName}`,
    row("events written", totals.events),
    row("commands accepted", totals.accepted),
    row("commands refused", totals.refused),
    row("accounts", totals.accounts),
    row("open accounts", totals.open),
    ...(totals.pots === 0 ? [] : [row("open pots", totals.pots)]),
    "  largest balances",
    ...largest.map(({ accountId, owner, balanceCents }) => `    ${money(balanceCents).padStart(14)}  ${accountId}  ${owner}`),
    ...(first === undefined || change === undefined ? [] : ["", ...chain(first, change)]),
    "",
    "Read models",
    ...reports.map((report) => `  ${showHealth(report)}`),
    "",
  ]
    .map(printable)
    .join("\n");
}

/** Nothing of this depends on the order in which accounts came to be written, so that an interrupted bank tells the same when it has caught up. */
function chain(
  view: { readonly accountId: string; readonly balanceCents: number },
  { type, version, metadata }: LastChange,
): readonly string[] {
  return [
    "How the largest balance came about",
    ...step("command", metadata.causationId ?? "", metadata),
    ...step(`event ${type}`, metadata.id, metadata),
    `    caused by      ${metadata.causationId}`,
    `    version        ${version} of its stream`,
    "  -> read model Balances",
    `    account        ${view.accountId} holds ${money(view.balanceCents)}`,
  ];
}

function step(what: string, id: string, { correlationId }: MessageMetadata): readonly string[] {
  return [`  ${what === "command" ? "" : "-> "}${what}`, `    id             ${id}`, `    correlation id ${correlationId}`];
}

function row(name: string, count: number): string {
  return `  ${name.padEnd(24)}${count.toLocaleString("en-US").padStart(12)}`;
}

function byCountThenName([oneName, one]: readonly [string, number], [otherName, other]: readonly [string, number]): number {
  return other - one || (oneName < otherName ? -1 : 1);
}
