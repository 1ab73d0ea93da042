import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { median } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { writeAccounts } from "./account-history.ts";

const ROUNDS = 3;
const [FEW, MANY] = [500_000, 5_000_000];
/** What the long history may take of what the short one takes. */
const AT_MOST = 1.1;
const BYTES_PER_MB = 1024 * 1024;
const PROGRAM = join(import.meta.dirname, "memory-process.ts");
const TIMEOUT_MS = 600_000;

const run = promisify(execFile);

interface Peak {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** The most memory of a process that catches up with a long history, beside one with a tenth of it and as many accounts. */
export async function memoryRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const [few, many] = [await writeFile(folder, FEW), await writeFile(folder, MANY)];
    const peaks: { few: Peak; many: Peak }[] = [];
    for (let round = 0; round < ROUNDS; round++) peaks.push({ few: await peakOf(few, FEW), many: await peakOf(many, MANY) });
    const what = `the same of ${MANY.toLocaleString("en-US")} events beside ${FEW.toLocaleString("en-US")} (asked: at most ${AT_MOST} times)`;
    return [
      memoryRow("readmodel.memory", `most resident memory: ${what}`, peaks, (peak) => peak.rssBytes),
      memoryRow("readmodel.memory.heap", `largest heap: ${what}`, peaks, (peak) => peak.heapBytes),
    ];
  });
}

function memoryRow(
  id: string,
  name: string,
  peaks: readonly { readonly few: Peak; readonly many: Peak }[],
  bytesOf: (peak: Peak) => number,
): BenchRow {
  const floor = median(peaks.map(({ few }) => bytesOf(few))) / BYTES_PER_MB;
  const value = median(peaks.map(({ many }) => bytesOf(many))) / BYTES_PER_MB;
  return { id, name, unit: "MB", value, floor, ratioToFloor: value / floor, met: value <= AT_MOST * floor };
}

async function writeFile(folder: string, events: number): Promise<string> {
  const file = join(folder, `${events}.db`);
  await using store = await openSqliteStore(file);
  await writeAccounts(store, events);
  return file;
}

async function peakOf(file: string, events: number): Promise<Peak> {
  const { stdout } = await run(process.execPath, ["--import", "tsx", PROGRAM, file, String(events)], { timeout: TIMEOUT_MS });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Peak;
}
