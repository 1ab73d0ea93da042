import { runRival, type RivalOutcome } from "../../rival-process.ts";

const RUNS = {
  "append.seq": ["append.mjs", "--callers", "1", "--events", "4096"],
  "append.32": ["append.mjs", "--callers", "32", "--events", "16384"],
  "append.256": ["append.mjs", "--callers", "256", "--events", "16384"],
  "append.10x32": ["append.mjs", "--callers", "32", "--events-per-append", "10", "--events", "81920"],
  "read.10": ["read.mjs", "--callers", "32", "--events", "200000", "--history", "1000000", "--connections", "4"],
  "catchup.default": ["catchup.mjs", "--events", "20000"],
  "catchup.tuned": ["catchup.mjs", "--events", "20000", "--consumer", "tuned"],
  "catchup.bare": ["catchup.mjs", "--events", "1000000", "--consumer", "bare"],
} as const;

/** Something that Emmett's PostgreSQL store does, as the rows of the suite name it. */
export type EmmettRun = keyof typeof RUNS;

const SECONDS = "15";
/** A history of 1,000,000 events takes its tables a while. */
const TIMEOUT_MS = 240_000;

/** Runs one of them, in a schema of its own that it drops. */
export function runEmmett(url: string, run: EmmettRun): Promise<RivalOutcome> {
  const [program, ...flags] = RUNS[run];
  return runRival("emmett-postgresql", ["--url", url, "--seconds", SECONDS, ...flags], { program, timeoutMs: TIMEOUT_MS });
}
