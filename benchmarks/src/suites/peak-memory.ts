import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { median } from "../measure.ts";
import type { BenchRow } from "../report.ts";

const ROUNDS = 3;
/** What much work may take of what a tenth of it takes. */
export const AT_MOST = 1.1;
const BYTES_PER_MB = 1024 * 1024;
const TIMEOUT_MS = 600_000;

const run = promisify(execFile);

/** The most that a process had, in bytes. */
export interface Peak {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** Peaks of a process that does a little and of one that does much, in turn. */
export type Peaks = readonly { readonly few: Peak; readonly many: Peak }[];

/** Runs both in turn, in several rounds. */
export async function peaksOf(few: () => Promise<Peak>, many: () => Promise<Peak>): Promise<Peaks> {
  const peaks: { few: Peak; many: Peak }[] = [];
  for (let round = 0; round < ROUNDS; round++) peaks.push({ few: await few(), many: await many() });
  return peaks;
}

/** The peak of a program of ours that ends with a line of JSON, in a process of its own. */
export async function peakOfProcess(program: string, args: readonly string[]): Promise<Peak> {
  const { stdout } = await run(process.execPath, ["--import", "tsx", program, ...args], { timeout: TIMEOUT_MS });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Peak;
}

/** The medians of much beside a little. */
export function memoryRow(id: string, name: string, peaks: Peaks, bytesOf: (peak: Peak) => number): BenchRow {
  const floor = median(peaks.map(({ few }) => bytesOf(few))) / BYTES_PER_MB;
  const value = median(peaks.map(({ many }) => bytesOf(many))) / BYTES_PER_MB;
  return { id, name, unit: "MB", value, floor, ratioToFloor: value / floor, met: value <= AT_MOST * floor };
}
