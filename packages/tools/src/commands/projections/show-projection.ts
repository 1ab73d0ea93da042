import { inColumns } from "../../in-columns.ts";
import { openStore } from "../../open-store.ts";
import { withViews } from "../../open-views.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { keptProjection } from "./kept-projection.ts";
import type { ListProjectionsOptions } from "./list-projections.ts";
import { ageText, placeText, toldProjection, type ToldProjection } from "./told-projection.ts";

/** Tells how one projection is. */
export async function showProjection(name: string, options: ListProjectionsOptions, output: Output): Promise<void> {
  const told = await withViews(options, async (views) => {
    const record = await keptProjection(views, name, options.views);
    await using store = options.store === undefined ? undefined : await openStore(options.store);
    return await toldProjection(record, store);
  });
  await output.write(options.json === true ? [JSON.stringify(told)] : asText(told));
}

function asText({ name, state, lag, revision, generations }: ToldProjection): readonly string[] {
  const facts = [
    ["projection", printable(name)],
    ["state", state],
    ["lag", lag === null ? "unknown without --store" : lagLine(ageText(lag))],
    ["revision", String(revision)],
  ];
  const rows = generations.map((one) => [
    String(one.generation),
    String(one.version),
    placeText(one.position),
    String(one.lanes.length),
    ...[one.handled, one.entries.failing, one.entries.parked, one.entries.waiting, one.entries.replay].map(String),
    one.status,
    printable(one.worker ?? "-"),
  ]);
  const header = ["GENERATION", "VERSION", "POSITION", "LANES", "HANDLED", "FAILING", "PARKED", "WAITING", "REPLAY", "STATUS", "WORKER"];
  return [...inColumns(facts, 0), "", ...inColumns([header, ...rows], 9)];
}

function lagLine(text: string): string {
  return text === "nothing" ? text : `at most ${text}`;
}
