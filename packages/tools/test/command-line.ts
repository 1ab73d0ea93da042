import { spawn, type ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { programArguments } from "@reactive-domain/test-servers";

/** How a run of the command line ended. */
export interface Ended {
  /** `null` when it was ended by a signal. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

const MAIN = new URL("../src/main.ts", import.meta.url);
/** With these the command line can import modules of TypeScript, which share what they import with it. */
const WITH_LOADER = ["--conditions=@reactive-domain/source", "--import", "tsx", fileURLToPath(MAIN)];

export interface CommandLine {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the real command line in a process of its own. With `closeAfter` its reader goes away after so many bytes. */
export function startCommandLine(args: readonly string[], closeAfter = Number.POSITIVE_INFINITY): CommandLine {
  const node = args.some((arg) => arg.endsWith(".ts")) ? WITH_LOADER : programArguments(MAIN);
  const child = spawn(process.execPath, [...node, ...args], { stdio: ["ignore", "pipe", "pipe"] });
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
