import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { AT_MOST, memoryRow, peakOfProcess, peaksOf } from "../peak-memory.ts";
import { writeAccounts } from "./account-history.ts";

const [FEW, MANY] = [500_000, 5_000_000];
const PROGRAM = join(import.meta.dirname, "memory-process.ts");

/** The most memory of a process that catches up with a long history, beside one with a tenth of it and as many accounts. */
export async function memoryRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const [few, many] = [await writeFile(folder, FEW), await writeFile(folder, MANY)];
    const peaks = await peaksOf(
      () => peakOfProcess(PROGRAM, [few, String(FEW)]),
      () => peakOfProcess(PROGRAM, [many, String(MANY)]),
    );
    const what = `the same of ${MANY.toLocaleString("en-US")} events beside ${FEW.toLocaleString("en-US")} (asked: at most ${AT_MOST} times)`;
    return [
      memoryRow("readmodel.memory", `most resident memory: ${what}`, peaks, (peak) => peak.rssBytes),
      memoryRow("readmodel.memory.heap", `largest heap: ${what}`, peaks, (peak) => peak.heapBytes),
    ];
  });
}

async function writeFile(folder: string, events: number): Promise<string> {
  const file = join(folder, `${events}.db`);
  await using store = await openSqliteStore(file);
  await writeAccounts(store, events);
  return file;
}
