import { join } from "node:path";
import { median } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rowOf } from "../row-of.ts";
import { rateOfProcess } from "./rate-of-process.ts";

const ROUNDS = 5;
const SENDS = 500_000;
const TARGET = 0.15;
const PROGRAM = join(import.meta.dirname, "bus-process.ts");

/** The steps of a bus beside the same bus without them, each in a new process for each round. */
export async function middlewareRows(): Promise<readonly BenchRow[]> {
  const values: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await rateOfProcess(["--import", "tsx", PROGRAM, "send", String(SENDS)]));
    values.push(await rateOfProcess(["--import", "tsx", PROGRAM, "middleware", String(SENDS)]));
  }
  const name = "a command through validation, retry and deduplication, beside our own send without";
  return [rowOf({ id: "bus.middleware", name, unit: "commands/s", value: median(values), floor: median(floors), target: TARGET })];
}
