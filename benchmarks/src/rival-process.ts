import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a rival did, or why there is no figure of it, in words for the report. */
export type RivalOutcome =
  | { readonly measured: true; readonly rate: number; readonly events: number; readonly version: string; readonly durability: string }
  | { readonly measured: false; readonly reason: string };

/** Which of a rival's programs runs, where the rival is, and how long it may take. */
export interface RivalOptions {
  /** The file in the rival's folder, `append-one-after-another.mjs` unless given. */
  readonly program?: string;
  /** The folder of the rivals' folders, this package's own unless given. */
  readonly folder?: string;
  /** 180 seconds unless given. */
  readonly timeoutMs?: number;
}

/** The line that a rival's program ends with. */
interface RivalLine {
  readonly rate: number;
  readonly events: number;
  readonly version: string;
  /** The settings that it read back, in the words of the suite that it is compared in. */
  readonly durability: string;
  readonly answeredTooEarly?: number;
  readonly crashed?: false;
}

interface CrashLine {
  readonly crashed: true;
  readonly error: string;
}

const PROGRAM = "append-one-after-another.mjs";
const RIVALS = join(import.meta.dirname, "..", "rivals");
const TIMEOUT_MS = 180_000;
const KEPT_CHARACTERS = 4_000;

/**
 * Runs a rival's program, which works on a store of its own, in a process of its own: rivals change what they share with others. A rival that is not
 * installed, that crashes, or that answers before it has committed, has no figure but a reason. Throws where its program breaks its promise.
 */
export async function runRival(name: string, flags: readonly string[] = [], options: RivalOptions = {}): Promise<RivalOutcome> {
  const { program = PROGRAM, folder = RIVALS, timeoutMs = TIMEOUT_MS } = options;
  const file = join(folder, name, program);
  if (!existsSync(file)) throw new Error(`No rival "${name}": ${file} is not there.`);
  if (!existsSync(join(folder, name, "node_modules"))) {
    return { measured: false, reason: `rival not installed: npm ci --prefix benchmarks/rivals/${name}` };
  }
  return outcomeOf(name, await lastLineOf(name, [file, ...flags], timeoutMs));
}

/** The outcome of several rounds, each taken in turn with ours: that of the median rate, or the first without a figure. */
export function medianOutcome(rounds: readonly RivalOutcome[]): RivalOutcome {
  const measured = rounds.filter((round) => round.measured).toSorted((a, b) => a.rate - b.rate);
  const outcome = rounds.find((round) => !round.measured) ?? measured[Math.floor(measured.length / 2)];
  if (outcome === undefined) throw new RangeError("A median of no rounds: run the rival at least once.");
  return outcome;
}

function outcomeOf(name: string, line: RivalLine | CrashLine): RivalOutcome {
  if (line.crashed === true) return { measured: false, reason: `rival crashed: ${line.error}` };
  const { rate, events, version, durability, answeredTooEarly = 0 } = line;
  if (!(rate > 0) || !(events > 0)) throw new Error(`The rival "${name}" printed no rate: ${JSON.stringify(line)}.`);
  if (!durability) throw new Error(`The rival "${name}" printed no durability: ${JSON.stringify(line)}.`);
  if (answeredTooEarly > 0) {
    const reason = `rival not comparable: ${Math.round(rate)}/s, but ${answeredTooEarly} of its appends were answered before they were committed`;
    return { measured: false, reason };
  }
  return { measured: true, rate, events, version, durability };
}

async function lastLineOf(name: string, command: readonly string[], timeoutMs: number): Promise<RivalLine | CrashLine> {
  const { output, errors, exit } = await run(command, timeoutMs);
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  if (exit !== 0 || !line.startsWith("{")) {
    const said = errors.trim() === "" ? "nothing on its error output" : errors.trim();
    throw new Error(
      `The rival "${name}" ended with ${exit} and "${line}" as its last line; expected 0 and a line of JSON. It said: ${said}`,
    );
  }
  return JSON.parse(line) as RivalLine | CrashLine;
}

interface Ended {
  readonly output: string;
  readonly errors: string;
  /** The exit code, or the signal that ended it. */
  readonly exit: number | string | null;
}

function run(command: readonly string[], timeoutMs: number): Promise<Ended> {
  const child = spawn(process.execPath, [...command], { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-KEPT_CHARACTERS)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-KEPT_CHARACTERS)));
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code, signal) => resolve({ output, errors, exit: signal ?? code }));
  });
}
