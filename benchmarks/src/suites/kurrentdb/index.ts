import type { BenchReport } from "../../report.ts";
import { appendRows } from "./append-rows.ts";
import { groupRows } from "./group-rows.ts";
import { readRows } from "./read-rows.ts";

/** The official client of KurrentDB against a SQLite store that another process serves, beside the same store in this process. */
export async function runKurrentdbSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const durability = new Set<string>();
  const rows = [...(await appendRows((seen) => durability.add(seen))), ...(await readRows()), ...(await groupRows())];
  return { durability: [...durability].join("; "), rows };
}
