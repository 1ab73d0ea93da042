import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { AT_MOST, memoryRow, peakOfProcess, peaksOf, type Peak } from "../peak-memory.ts";
import { writeAccounts } from "../read-models/account-history.ts";

const [FEW, MANY] = [500_000, 5_000_000];
const PROGRAM = join(import.meta.dirname, "memory-process.ts");

/** The most memory of a process that rebuilds a projection of a long history, beside one with a tenth of it and as many documents. */
export async function memoryRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const peaks = await peaksOf(await rebuild(folder, FEW), await rebuild(folder, MANY));
    const what = `a rebuild of ${MANY.toLocaleString("en-US")} events beside ${FEW.toLocaleString("en-US")} (asked: at most ${AT_MOST} times)`;
    return [
      memoryRow("projection.memory", `most resident memory: ${what}`, peaks, (peak) => peak.rssBytes),
      memoryRow("projection.memory.heap", `largest heap: ${what}`, peaks, (peak) => peak.heapBytes),
    ];
  });
}

async function rebuild(folder: string, events: number): Promise<() => Promise<Peak>> {
  const file = join(folder, `${events}.db`);
  await using store = await openSqliteStore(file);
  await writeAccounts(store, events);
  return () => peakOfProcess(PROGRAM, [file, join(folder, `${events}-views.db`), String(events)]);
}
