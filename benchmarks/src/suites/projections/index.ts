import type { BenchReport } from "../../report.ts";
import { sqliteRebuildRows } from "./rebuild-rows.ts";

/** Projections: how fast they are rebuilt. */
export async function runProjectionsSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const durability = new Set<string>();
  const rows = await sqliteRebuildRows((seen) => durability.add(seen));
  return { durability: [...durability].join("; "), rows };
}
