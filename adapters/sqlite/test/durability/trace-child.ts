import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTrace, TRACED, type SystemCall } from "./system-calls.ts";

const NODE_OPTIONS = ["--conditions=@reactive-domain/source", "--import", "tsx"];
const LARGEST_WRITE = 1_000_000;
const TIMEOUT_MS = 120_000;

/** Why system calls cannot be traced here; `undefined` when they can. */
export function whyNotTraceable(): string | undefined {
  const { error, status, stderr } = spawnSync("strace", ["-o", "/dev/null", "true"], { encoding: "utf8" });
  if (error !== undefined) return `strace cannot be run (${error.message}); install it`;
  return status === 0 ? undefined : `strace may not trace here: ${stderr.trim()}`;
}

export interface ChildOptions {
  readonly path: string;
  readonly sequential: number;
  readonly callers: number;
  readonly rounds: number;
  /** What the store gets for `synchronous`, and does not know. */
  readonly lie?: string;
}

/** Runs the acknowledging child, and tells what it did to the files beside its store. */
export function traceChild({ path, sequential, callers, rounds, lie }: ChildOptions): readonly SystemCall[] {
  const folder = dirname(path);
  const output = join(folder, "trace");
  const preload = lie === undefined ? [] : ["--import", new URL("lying-pragma.ts", import.meta.url).href];
  const script = fileURLToPath(new URL("acknowledging-child.ts", import.meta.url));
  const child = [...NODE_OPTIONS, ...preload, script, path, String(sequential), String(callers), String(rounds)];
  // One file for each thread: the lines of one thread are whole and in order.
  const strace = ["-ff", "-o", output, "-y", "-xx", "-s", String(LARGEST_WRITE), "-e", `trace=${TRACED}`, process.execPath, ...child];
  const { status, stderr } = spawnSync("strace", strace, {
    encoding: "utf8",
    env: { ...process.env, LIE: lie },
    timeout: TIMEOUT_MS,
    maxBuffer: LARGEST_WRITE,
  });
  if (status !== 0) throw new Error(`The traced child has failed: ${stderr}`);
  return callsOfOneThread(output, path);
}

/** SQLite runs on the thread that acknowledges: were there a second one that changes the store's files, their order could not be told. */
function callsOfOneThread(output: string, path: string): readonly SystemCall[] {
  const traces = readdirSync(dirname(output)).filter((name) => name.startsWith(`${basename(output)}.`));
  const threads = traces.map((name) =>
    readTrace(readFileSync(join(dirname(output), name), "latin1"), path.slice(0, path.lastIndexOf("/"))),
  );
  const [calls = [], ...others] = threads.filter((thread) => thread.some((call) => call.kind !== "told" && call.path.startsWith(path)));
  if (others.length > 0) throw new Error(`${others.length + 1} threads have used ${path}.`);
  return calls;
}
