import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { programArguments } from "@reactive-domain/test-servers";

const MAIN = new URL("../src/main.ts", import.meta.url);

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Starts the bank. */
export function startBank(args: readonly string[], cwd: string): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...programArguments(MAIN), ...args], { cwd });
}

/** Runs the bank to its end with files in the place of standard input, output and errors, by their paths; a pipe where there is none. */
export function runBankOn(files: readonly (string | undefined)[], args: readonly string[], cwd: string): Finished {
  const descriptors = files.map((file, index) => (file === undefined ? undefined : openSync(file, index === 0 ? "r" : "w")));
  const stdio = descriptors.map((descriptor) => descriptor ?? ("pipe" as const));
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...programArguments(MAIN), ...args], {
    cwd,
    stdio,
    encoding: "utf8",
  });
  for (const descriptor of descriptors) if (descriptor !== undefined) closeSync(descriptor);
  return { status, signal, output: stdout ?? "", errors: stderr ?? "" };
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
