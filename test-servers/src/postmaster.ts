import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { killWithChildren, until } from "./processes.ts";
import { serverPrograms } from "./programs.ts";
import type { ServerFiles } from "./server-files.ts";
import { serverUser } from "./server-user.ts";

/** The running process of a server. */
export interface Postmaster {
  /** SIGKILL of the process and its children; resolves when none of them runs. */
  kill(): Promise<void>;
  /** Ends the connections, writes a checkpoint, and stops. */
  stop(): Promise<void>;
}

/** Starts the server of a data directory. Resolves when it takes connections; rejects with what it has said when it ends before. */
export async function startPostmaster(files: ServerFiles, port: number): Promise<Postmaster> {
  const log = openSync(files.log, "a");
  const child = spawn(serverPrograms().postgres, ["-D", files.data, "-p", String(port)], {
    ...serverUser().ids,
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, LC_ALL: "C" },
  });
  closeSync(log);
  child.unref();
  let ended = false;
  let failure: Error | undefined;
  const end = new Promise<void>((resolve) => {
    child.once("error", (error) => resolve(void (failure = error))).once("exit", () => resolve());
  }).then(() => void (ended = true));
  const { pid } = child;
  await until(() => ended || (pid !== undefined && files.isReady(pid)), `the server is not ready:\n${files.lastSaid()}`);
  if (ended || pid === undefined) throw new Error(`The server has not started:\n${files.lastSaid()}`, { cause: failure });
  return {
    kill: async () => {
      child.ref();
      if (!ended) await killWithChildren(pid);
      await end;
    },
    stop: async () => {
      child.ref();
      if (!ended) child.kill("SIGINT");
      await end;
    },
  };
}
