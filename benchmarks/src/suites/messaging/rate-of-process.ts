import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const TIMEOUT_MS = 180_000;

/** What a second of a program's work holds: it is run once, and ends with a line like `{ count, ms }`. */
export async function rateOfProcess(args: readonly string[]): Promise<number> {
  const { stdout } = await run(process.execPath, [...args], { timeout: TIMEOUT_MS });
  const { count, ms } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { count: number; ms: number };
  return (count * 1_000) / ms;
}
