import type { BenchReport } from "../../report.ts";
import { databaseUrl } from "../store-postgres/place.ts";
import { groupRows } from "./group-rows.ts";

/** Projections and consumer groups. */
export async function runProjectionsSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const url = databaseUrl();
  const durability = new Set<string>();
  const rows = await groupRows(url, (seen) => durability.add(seen));
  return { durability: [...durability].join("; "), rows };
}
