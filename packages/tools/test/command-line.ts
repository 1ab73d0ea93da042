import { spawn, type ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** How a run of the command line ended. */
export interface Ended {
  /** `null` when it was ended by a signal. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

export interface CommandLine {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the real command line in a process of its own. With `closeAfter` its reader goes away after so many bytes. */
export function startCommandLine(args: readonly string[], closeAfter = Number.POSITIVE_INFINITY): CommandLine {
  const child = spawn(process.execPath, ["--conditions=@reactive-domain/source", "--import", "tsx", MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    if (output.length >= closeAfter) child.stdout.destroy();
  });
  const errors = text(child.stderr);
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (status, signal) => void errors.then((all) => resolve({ status, signal, output, errors: all })));
  });
  return { child, ended };
}

/** Runs the real command line to its own end. */
export async function runCommandLine(args: readonly string[], closeAfter?: number): Promise<Omit<Ended, "signal">> {
  const { status, output, errors } = await startCommandLine(args, closeAfter).ended;
  return { status, output, errors };
}
