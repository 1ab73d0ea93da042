import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that has written its first line, and works until it is disposed of. */
export interface LineProcess extends AsyncDisposable {
  readonly line: string;
}

/** Runs a program of Node. It ends by SIGTERM, and by the end of its input. Throws where it ends before it has written a line. */
export async function startLineProcess(args: readonly string[]): Promise<LineProcess> {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const failed = ended.then(([code]) => Promise.reject(new Error(`${args.join(" ")} ended with ${String(code)} before it was ready.`)));
  failed.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), failed])) as [string];
  return {
    line,
    async [Symbol.asyncDispose]() {
      child.stdin.destroy();
      child.kill("SIGTERM");
      await ended;
    },
  };
}
