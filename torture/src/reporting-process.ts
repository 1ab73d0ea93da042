import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { programArguments } from "@reactive-domain/test-servers";
import { REPORT_FD } from "./protocol.ts";

/** A program of this folder in a process of its own, which reports in lines of JSON. */
export class ReportingProcess<Report> {
  /** Resolves when it has ended and all that it reported is read: with its signal or exit code. */
  readonly ended: Promise<string | number | null>;
  readonly #process: ChildProcess;

  constructor(program: URL, args: readonly string[], onReport: (report: Report) => void) {
    this.#process = spawn(process.execPath, [...programArguments(program), ...args], { stdio: ["pipe", "inherit", "inherit", "pipe"] });
    // Who is killed does not read its orders any more.
    this.#process.stdin?.on("error", () => undefined);
    const reports = createInterface({ input: this.#process.stdio[REPORT_FD] as Readable });
    reports.on("line", (line) => {
      const report = parsed<Report>(line);
      if (report !== undefined) onReport(report);
    });
    const isRead = new Promise<void>((resolve) => reports.once("close", resolve));
    const isOver = new Promise<string | number | null>((resolve) => this.#process.once("close", (code, signal) => resolve(signal ?? code)));
    this.ended = Promise.all([isOver, isRead]).then(([how]) => how);
  }

  /** Sends it one line of JSON. */
  send(orders: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(orders)}\n`);
  }

  signal(name: "SIGCONT" | "SIGKILL" | "SIGSTOP"): void {
    this.#process.kill(name);
  }
}

/** The last line of a killed process may be cut: it was not told whole, so it was not told. */
function parsed<Report>(line: string): Report | undefined {
  try {
    return JSON.parse(line) as Report;
  } catch {
    return undefined;
  }
}
