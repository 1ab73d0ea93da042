import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises"; // house: servers are waited for in real time

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

const POLL_MS = 2;
const DEADLINE_MS = 20_000;

/**
 * Kills a process and its children by SIGKILL. Resolves when none of them runs any more. The process is stopped first, so that it
 * starts no child that is not found.
 */
export async function killWithChildren(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await until(() => ["T", "Z", undefined].includes(find(pid)?.state), `process ${pid} has not stopped`);
  const family = [pid, ...processes().flatMap((each) => (each.parent === pid ? [each.pid] : []))];
  for (const member of family) sendKill(member);
  await until(() => !processes().some((each) => family.includes(each.pid) && each.state !== "Z"), `some of ${family.join(", ")} still run`);
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Resolves when the condition holds. Rejects after 20 s, saying what is wrong. */
export async function until(condition: () => boolean, wrong: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS; // house: real time
  while (!condition()) {
    const isLate = performance.now() > deadline; // house: real time
    if (isLate) throw new Error(`After ${DEADLINE_MS} ms ${wrong}.`);
    await delay(POLL_MS);
  }
}

const find = (pid: number): Process | undefined => processes().find((each) => each.pid === pid);

/** All processes of this machine. The state is one letter: `T` is stopped, `Z` is ended and not yet taken note of by its parent. */
function processes(): readonly Process[] {
  if (existsSync("/proc/self/stat")) return readdirSync("/proc").flatMap(fromProc);
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,state="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => parse(line.trim().split(/\s+/)));
}

function fromProc(name: string): readonly Process[] {
  if (!/^\d+$/.test(name)) return [];
  try {
    const text = readFileSync(`/proc/${name}/stat`, "utf8");
    const [state = "", parent = ""] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return [parse([name, parent, state])];
  } catch {
    return [];
  }
}

const parse = ([pid, parent, state = ""]: readonly string[]): Process => ({
  pid: Number(pid),
  parent: Number(parent),
  state: state.slice(0, 1),
});
