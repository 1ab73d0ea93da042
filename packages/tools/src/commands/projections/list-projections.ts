import { inColumns } from "../../in-columns.ts";
import { openStore } from "../../open-store.ts";
import { withViews, type ViewsOptions } from "../../open-views.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { lagText, placeText, toldProjection, type ToldProjection } from "./told-projection.ts";

export interface ListProjectionsOptions extends ViewsOptions {
  /** The store whose log they are held against. */
  readonly store?: string;
  readonly json?: boolean;
}

/** Lists what is kept of projections, by name. */
export async function listProjections(options: ListProjectionsOptions, output: Output): Promise<void> {
  const told: ToldProjection[] = [];
  await withViews(options, async ({ projections }) => {
    await using store = options.store === undefined ? undefined : await openStore(options.store);
    for (const record of await projections.list()) told.push(await toldProjection(record, store));
  });
  await output.write(options.json === true ? told.map((one) => JSON.stringify(one)) : asTable(told));
}

function asTable(told: readonly ToldProjection[]): readonly string[] {
  const rows = told.map((one) => [
    placeText(one.position),
    lagText(one.lag),
    String(one.parked),
    String(one.version),
    one.state,
    one.generations.map(({ generation, status }) => `${generation} ${status}`).join(", "),
    printable(one.generations.find(({ status }) => status === "live")?.worker ?? "-"),
    printable(one.name),
  ]);
  return inColumns([["POSITION", "LAG", "PARKED", "VERSION", "STATE", "GENERATIONS", "WORKER", "NAME"], ...rows], 4);
}
