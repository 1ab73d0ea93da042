import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** How a run of the command line ended. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Runs the real command line in a process of its own. With `closeAfter` its reader goes away after so many bytes. */
export async function runCommandLine(args: readonly string[], closeAfter = Number.POSITIVE_INFINITY): Promise<Ended> {
  const child = spawn(process.execPath, ["--conditions=@reactive-domain/source", "--import", "tsx", MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    if (output.length >= closeAfter) child.stdout.destroy();
  });
  const errors = text(child.stderr);
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, output, errors: await errors };
}
