import type { GroupStatus } from "@reactive-domain/persistence";
import { inColumns } from "../../in-columns.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { lookAtGroups, type GroupOptions } from "./group-access.ts";

/** A group as data: how far it is, and how far behind in positions of the log. */
export type ToldGroup = GroupStatus & { readonly lag: number };

/** Lists the groups of a store, by name. */
export async function listGroups(options: GroupOptions, output: Output): Promise<void> {
  const told = (await lookAtGroups(options, (groups) => groups.list())).map(toldGroup);
  await output.write(options.json === true ? told.map((one) => JSON.stringify(one)) : asTable(told));
}

/** Tells how one group is. */
export async function showGroup(name: string, options: GroupOptions, output: Output): Promise<void> {
  const told = toldGroup(await lookAtGroups(options, (groups) => groups.status(name)));
  await output.write(options.json === true ? [JSON.stringify(told)] : inColumns(facts(told), 0));
}

function toldGroup(status: GroupStatus): ToldGroup {
  return { ...status, lag: (status.head ?? -1) - (status.settledUpTo ?? -1) };
}

function asTable(told: readonly ToldGroup[]): readonly string[] {
  const rows = told.map(({ settledUpTo, lag, waiting, claimed, parked, name }) =>
    [settledUpTo ?? "-", lag, waiting, claimed, parked, name].map((value) => printable(String(value))),
  );
  return inColumns([["SETTLED", "LAG", "WAITING", "CLAIMED", "PARKED", "GROUP"], ...rows], 5);
}

function facts({ name, definition, settledUpTo, head, lag, waiting, claimed, parked }: ToldGroup): readonly (readonly string[])[] {
  const { source, filter, ...settings } = definition;
  return [
    ["group", name],
    ["source", JSON.stringify(source)],
    ...(filter === undefined ? [] : [["filter", JSON.stringify(filter)]]),
    ...Object.entries(settings).map(([setting, value]) => [setting, typeof value === "object" ? JSON.stringify(value) : String(value)]),
    ["settled up to", String(settledUpTo ?? "-")],
    ["head", String(head ?? "-")],
    ["lag", String(lag)],
    ["waiting", String(waiting)],
    ["claimed", String(claimed)],
    ["parked", String(parked)],
  ].map((row) => row.map(printable));
}
