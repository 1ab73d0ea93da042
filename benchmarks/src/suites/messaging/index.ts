import type { BenchReport } from "../../report.ts";
import { busRows } from "./bus-rows.ts";
import { memoryRow } from "./memory-row.ts";
import { middlewareRows } from "./middleware-rows.ts";
import { queueRows } from "./queue-rows.ts";

/** What brings messages to their handlers within a process. */
export async function runMessagingSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const rows = [...(await busRows()), ...(await middlewareRows()), ...(await queueRows()), await memoryRow()];
  return { durability: "none: in memory", rows };
}
