import { join } from "node:path";
import { median } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rivalColumns } from "../../rival-columns.ts";
import { medianOutcome, runRival, type RivalOutcome } from "../../rival-process.ts";
import { rateOfProcess } from "./rate-of-process.ts";

/** A row, and which work of each party it compares. */
interface BusRow {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly ours: string;
  /** The work of the floor and of the rival. */
  readonly theirs: string;
  readonly count: number;
  readonly target?: number;
  readonly rivalTarget?: number;
}

const ROWS: readonly BusRow[] = [
  {
    id: "bus.send",
    name: "a command to an asynchronous handler and back, one sender",
    unit: "commands/s",
    ours: "send",
    theirs: "send",
    count: 1_000_000,
    target: 0.08,
    rivalTarget: 0.3,
  },
  {
    id: "bus.send.uncorrelated",
    name: "the same without ambient correlation",
    unit: "commands/s",
    ours: "send.uncorrelated",
    theirs: "send",
    count: 1_000_000,
  },
  { id: "bus.send.100", name: "the same, 100 senders", unit: "commands/s", ours: "send.100", theirs: "send.100", count: 1_000_000 },
  {
    id: "bus.publish.10",
    name: "an event to 10 asynchronous handlers, awaited, one publisher",
    unit: "events/s",
    ours: "publish.10",
    theirs: "publish.10",
    count: 200_000,
    rivalTarget: 4,
  },
];
const ROUNDS = 5;
const RIVAL = "nestjs-cqrs";
const PROGRAM = { program: "measure.mjs" };
const IN_MEMORY = "none: in memory";
const OURS = join(import.meta.dirname, "bus-process.ts");
const FLOOR = join(import.meta.dirname, "..", "..", "..", "floors", "messaging-bus.mjs");

/** The buses beside those of @nestjs/cqrs and a bare Map of functions, each in a new process for each round. */
export async function busRows(): Promise<readonly BenchRow[]> {
  const probe = await runRival(RIVAL, ["--count", "100"], PROGRAM);
  if (!probe.measured) process.stderr.write(`${probe.reason}\n`);
  const rows: BenchRow[] = [];
  for (const row of ROWS) rows.push(await measureRow(row));
  return rows;
}

async function measureRow({ id, name, unit, ours, theirs, count, ...targets }: BusRow): Promise<BenchRow> {
  const values: number[] = [];
  const floors: number[] = [];
  const rivals: RivalOutcome[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await rateOfProcess([FLOOR, theirs, String(count)]));
    values.push(await rateOfProcess(["--import", "tsx", OURS, ours, String(count)]));
    rivals.push(await runRival(RIVAL, ["--work", theirs, "--count", String(count)], PROGRAM));
  }
  const value = median(values);
  const floor = median(floors);
  const rival = medianOutcome(rivals);
  const columns = { rivalNote: noteOf(rival), ...rivalColumns({ value, durability: IN_MEMORY }, rival) };
  const row = { id, name, unit, value, floor, ratioToFloor: value / floor, ...columns, ...targets };
  return targets.target === undefined && targets.rivalTarget === undefined ? row : { ...row, met: isMet(row) };
}

function noteOf(rival: RivalOutcome): string {
  return rival.measured ? `@nestjs/cqrs ${rival.version}` : rival.reason;
}

/** What nobody measured was not met. */
function isMet({ ratioToFloor = 0, ratioToRival = 0, target = 0, rivalTarget = 0 }: Partial<BenchRow>): boolean {
  return ratioToFloor >= target && ratioToRival >= rivalTarget;
}
