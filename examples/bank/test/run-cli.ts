import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Starts the bank as its user does. */
export function startBank(args: readonly string[], cwd: string): ChildProcessWithoutNullStreams {
  const tsx = import.meta.resolve("tsx");
  return spawn(process.execPath, ["--conditions=@reactive-domain/source", "--import", tsx, MAIN, ...args], { cwd });
}

/** Resolves when a started bank has ended. */
export function finished(bank: ChildProcessWithoutNullStreams): Promise<Finished> {
  let output = "";
  let errors = "";
  bank.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  bank.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve) => bank.once("close", (status, signal) => resolve({ status, signal, output, errors })));
}

/** Runs the bank to its end. */
export function runBank(args: readonly string[], cwd: string, input = ""): Promise<Finished> {
  const bank = startBank(args, cwd);
  bank.stdin.on("error", () => undefined);
  bank.stdin.end(input);
  return finished(bank);
}
