import type { BenchRow } from "../../report.ts";
import { rivalColumns } from "../../rival-columns.ts";
import { medianOutcome, runRival, type RivalOutcome } from "../../rival-process.ts";
import { appendToStore } from "./append-work.ts";

const ROUNDS = 3;
const APPENDS = 4_096;
const TARGET = 8;
const CONNECTIONS = [
  ["sqlite.rival", "per-append", "with its defaults, a connection for each append"],
  ["sqlite.rival.shared", "shared", "tuned by hand to one connection for all"],
] as const;
const CROWD = 32;

/** Emmett's SQLite store, one append after another, in a process of its own; and what becomes of it with several callers. */
export async function rivalRows(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [id, connection, how] of CONNECTIONS) rows.push(await rivalRow(id, connection, how));
  return rows;
}

async function rivalRow(id: string, connection: string, how: string): Promise<BenchRow> {
  let durability = "";
  const rates: number[] = [];
  const outcomes: RivalOutcome[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const work = appendToStore({ appends: APPENDS, events: 1, callers: 1 }, (seen) => (durability = seen));
    const { units, ms } = await work.run();
    rates.push((units * 1_000) / ms);
    outcomes.push(await runRival("emmett-sqlite", ["--connection", connection, "--events", String(APPENDS), "--seconds", "10"]));
  }
  const value = rates.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  const columns = rivalColumns({ value, durability }, medianOutcome(outcomes));
  const crowd = await runRival("emmett-sqlite", [
    "--connection",
    connection,
    "--callers",
    String(CROWD),
    "--events",
    "512",
    "--seconds",
    "10",
  ]);
  const note = `${CROWD} callers: ${crowd.measured ? `${Math.round(crowd.rate)} events/s` : crowd.reason}`;
  return {
    id,
    name: `append 1 event, one after another, beside Emmett ${how}`,
    unit: "events/s",
    value,
    ...columns,
    rivalNote: columns.rivalNote === undefined ? note : `${columns.rivalNote}; ${note}`,
    target: TARGET,
    met: (columns.ratioToRival ?? 0) >= TARGET,
  };
}
