import type { BenchReport } from "../../report.ts";
import { appendRows } from "./append-rows.ts";
import { growthRows } from "./growth-rows.ts";
import { latencyRows } from "./latency-rows.ts";
import { databaseUrl } from "./place.ts";
import { processRows } from "./process-rows.ts";
import { readRows } from "./read-rows.ts";

/** The PostgreSQL store beside the same by hand and beside Emmett's, all on one server. */
export async function runStorePostgresSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const url = databaseUrl();
  const durability = new Set<string>();
  const appends = await appendRows(url, (seen) => durability.add(seen));
  const rows = [...appends, ...(await processRows(url)), ...(await readRows(url)), ...(await latencyRows(url)), ...(await growthRows(url))];
  return { durability: [...durability].join("; "), rows };
}
