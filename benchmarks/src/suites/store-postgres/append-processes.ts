import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { timed, type Work } from "../../measure.ts";

/** One process that appends, and where it does. */
export interface ProcessLoad {
  readonly schema: string;
  readonly callers: number;
  readonly appends: number;
}

const PROGRAM = join(import.meta.dirname, "append-process.ts");

/** Several processes that append at the same time, from the moment at which all are ready to that at which the last is done. */
export function appendInProcesses(url: string, loads: readonly ProcessLoad[]): Work {
  return {
    run: async () => {
      const processes = loads.map((load, index) => start(url, load, index));
      await Promise.all(processes.map(({ ready }) => ready));
      const ms = await timed(async () => {
        for (const { begin } of processes) begin();
        await Promise.all(processes.map(({ done }) => done));
      });
      return { units: loads.reduce((sum, { appends }) => sum + appends, 0), ms };
    },
  };
}

interface Started {
  readonly ready: Promise<unknown>;
  readonly begin: () => void;
  readonly done: Promise<void>;
}

function start(url: string, { schema, callers, appends }: ProcessLoad, index: number): Started {
  const name = `${index}-${Math.round(performance.now())}`;
  const args = ["--import", "tsx", PROGRAM, url, schema, name, String(callers), String(appends)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit");
  return {
    ready: Promise.race([
      once(lines, "line"),
      ended.then(() => Promise.reject(new Error("A process that appends ended before it was ready."))),
    ]),
    begin: () => child.stdin.write("go\n"),
    done: ended.then(([code]) => {
      if (code !== 0) throw new Error(`A process that appends ended with ${String(code)}: one of its appends was refused.`);
      return undefined;
    }),
  };
}
