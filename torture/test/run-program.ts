import { spawn } from "node:child_process";
import { programArguments } from "@reactive-domain/test-servers";
import { onTestFinished } from "vitest";

const MAIN = new URL("../src/main.ts", import.meta.url);

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output. */
  readonly last: string;
}

/** Runs `npm run torture -- ...`, without npm. */
export async function runTorture(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [...programArguments(MAIN), ...args]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, ...texts, last: texts.stdout.trimEnd().split("\n").at(-1) ?? "" };
}
