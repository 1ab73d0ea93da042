import { median, rateOf, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rivalColumns } from "../../rival-columns.ts";
import { medianOutcome, runRival, type RivalOutcome } from "../../rival-process.ts";

const RIVAL = "emmett-postgresql";
const TIMEOUT_MS = 120_000;

/** Ours, its floor, and a program of Emmett's folder, on one server. */
export interface Parties {
  readonly ours: Work;
  readonly floor: Work;
  /** Of our store, as it read it back. */
  readonly durability: string;
  readonly rounds: number;
  readonly run: EmmettProgram;
}

export interface EmmettProgram {
  readonly program: string;
  readonly flags: readonly string[];
}

/** What the parties do in a second: medians of rounds in which each had its turn, after one that does not count. */
export async function compareWithEmmett(
  url: string,
  { ours, floor, durability, rounds, run }: Parties,
): Promise<{
  readonly rates: { readonly value: number; readonly floor: number };
  readonly columns: Pick<BenchRow, "rival" | "ratioToRival" | "rivalNote">;
}> {
  const values: number[] = [];
  const floors: number[] = [];
  const rivals: RivalOutcome[] = [];
  for (let round = 0; round <= rounds; round++) {
    const floorRate = await rateOf(floor);
    const rate = await rateOf(ours);
    if (round === 0) continue;
    floors.push(floorRate);
    values.push(rate);
    // Where it cannot run once it cannot run again.
    if (rivals[0]?.measured !== false) rivals.push(await runEmmett(url, run));
  }
  const value = median(values);
  const rival = medianOutcome(rivals);
  return { rates: { value, floor: median(floors) }, columns: { ...noteOf(rival), ...rivalColumns({ value, durability }, rival) } };
}

/** Runs one of Emmett's programs, in a schema of its own that it drops. */
function runEmmett(url: string, { program, flags }: EmmettProgram): Promise<RivalOutcome> {
  return runRival(RIVAL, ["--url", url, "--seconds", "15", ...flags], { program, timeoutMs: TIMEOUT_MS });
}

function noteOf(rival: RivalOutcome): Pick<BenchRow, "rivalNote"> {
  return rival.measured ? { rivalNote: `Emmett ${rival.version}` } : {};
}
