import { spawn, type ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export interface Child {
  readonly child: ChildProcess;
  /** Its exit code or signal, and all that it wrote. */
  readonly ended: Promise<{ readonly how: number | string | null; readonly output: string }>;
}

/** Runs a script in a process of its own; with `fileBlocks` it cannot write a file longer than so many blocks of 1,024 bytes. */
export function runChild(script: URL, args: readonly string[], fileBlocks?: number): Child {
  const node = [process.execPath, "--conditions=@reactive-domain/source", "--import", "tsx", fileURLToPath(script), ...args];
  const [command, ...rest] = fileBlocks === undefined ? node : ["bash", "-c", `ulimit -f ${fileBlocks}; exec "$@"`, "bash", ...node];
  const child = spawn(command ?? "", rest, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = text(child.stdout);
  const ended = new Promise<number | string | null>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  return { child, ended: Promise.all([ended, output]).then(([how, all]) => ({ how, output: all })) };
}
