import { shownUrl } from "@reactive-domain/core";
import type { ProjectionRecord, ReadModels } from "@reactive-domain/persistence";
import { UsageError } from "../../errors.ts";
import { printable } from "../../printable.ts";

/** What is kept of a projection. Throws {@link UsageError} where nothing is, with what else there is. */
export async function keptProjection(views: ReadModels, name: string, url: string): Promise<ProjectionRecord> {
  const all = await views.projections.list();
  const record = all.find((one) => one.name === name);
  if (record !== undefined) return record;
  throw new UsageError(`${shownUrl(url)} keeps no projection ${printable(name)}. ${othersText(all.map((one) => one.name))}`);
}

/** What else there is, where a name is not known. */
export function othersText(names: readonly string[]): string {
  return names.length === 0
    ? "There is none."
    : `There ${names.length === 1 ? "is" : "are"} ${names.toSorted().map(printable).join(", ")}.`;
}
