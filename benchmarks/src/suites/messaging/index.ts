import type { BenchReport } from "../../report.ts";
import { memoryRow } from "./memory-row.ts";
import { queueRows } from "./queue-rows.ts";

/** What brings messages to their handlers within a process. */
export async function runMessagingSuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  return { durability: "none: in memory", rows: [...(await queueRows()), await memoryRow()] };
}
