import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { programArguments } from "@reactive-domain/test-servers";
import { REPORT_FD, type Orders, type Report } from "./protocol.ts";

const PROGRAM = new URL("child/main.ts", import.meta.url);
const LONGEST_WAIT_MS = 60_000;

/** A process that loads everything it needs, and then waits for its orders. */
export class ChildHandle {
  /** Resolves when it has ended and all that it reported is read: with its signal or exit code. */
  readonly ended: Promise<string | number | null>;
  /** Resolves when it waits for its orders, or has ended. */
  readonly ready: Promise<void>;
  readonly #process: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #hasEnded = false;
  #onReport: (report: Report) => void = () => undefined;

  /** `url`: the store that it will open. */
  constructor(url: string) {
    this.#process = spawn(process.execPath, [...programArguments(PROGRAM), url], { stdio: ["pipe", "inherit", "inherit", "pipe"] });
    // Who is killed does not read its orders any more.
    this.#process.stdin?.on("error", () => undefined);
    this.ready = this.nextReport("ready").then(() => undefined);
    const reports = createInterface({ input: this.#process.stdio[REPORT_FD] as Readable });
    reports.on("line", (line) => this.#read(line));
    const isRead = new Promise<void>((resolve) => reports.once("close", resolve));
    const isOver = new Promise<string | number | null>((resolve) => this.#process.once("close", (code, signal) => resolve(signal ?? code)));
    this.ended = Promise.all([isOver, isRead]).then(([how]) => this.#end(how));
  }

  start(orders: Orders, onReport: (report: Report) => void): void {
    this.#onReport = onReport;
    this.#process.stdin?.write(`${JSON.stringify(orders)}\n`);
  }

  /** It does nothing any more, and knows nothing of it, until it is to {@link goOn}. */
  stop(): void {
    this.#process.kill("SIGSTOP");
  }

  goOn(): void {
    this.#process.kill("SIGCONT");
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Resolves with the next report of a kind, with the end, or after a time; tells whether there was one. */
  async nextReport(kind: Report["kind"], timeoutMs = LONGEST_WAIT_MS): Promise<boolean> {
    if (this.#hasEnded) return false;
    const previous = this.#onReport;
    let isThere = false;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        this.#onReport = previous;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#watchers.add(done);
      this.#onReport = (report) => {
        previous(report);
        if (report.kind !== kind) return;
        isThere = true;
        done();
      };
    });
    return isThere;
  }

  #read(line: string): void {
    // The last line of a killed process may be cut: it was not told whole, so it was not told.
    const report = parsed(line);
    if (report !== undefined) this.#onReport(report);
  }

  #end(how: string | number | null): string | number | null {
    this.#hasEnded = true;
    for (const done of this.#watchers) done();
    return how;
  }
}

function parsed(line: string): Report | undefined {
  try {
    return JSON.parse(line) as Report;
  } catch {
    return undefined;
  }
}
