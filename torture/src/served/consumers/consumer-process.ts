import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { programArguments } from "@reactive-domain/test-servers";
import { REPORT_FD } from "../../protocol.ts";
import type { ConsumerOrders, ConsumerReport } from "./consumer-protocol.ts";

const PROGRAM = new URL("main.ts", import.meta.url);

/** A process with consumers: it loads what it needs, and then waits for its orders. */
export class ConsumerProcess {
  /** Resolves when it has ended and all that it told is read. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  #onReport: (report: ConsumerReport) => void = () => undefined;

  constructor() {
    this.#process = spawn(process.execPath, programArguments(PROGRAM), { stdio: ["pipe", "inherit", "inherit", "pipe"] });
    // Who is killed does not read any more.
    this.#process.stdin?.on("error", () => undefined);
    const reports = createInterface({ input: this.#process.stdio[REPORT_FD] as Readable });
    reports.on("line", (line) => this.#read(line));
    const isRead = new Promise<void>((resolve) => reports.once("close", resolve));
    const isOver = new Promise<string>((resolve) => this.#process.once("close", (code, signal) => resolve(signal ?? `status ${code}`)));
    this.ended = Promise.all([isOver, isRead]).then(([how]) => how);
  }

  start(orders: ConsumerOrders, onReport: (report: ConsumerReport) => void): void {
    this.#onReport = onReport;
    this.#send(orders);
  }

  addReplayed(keys: readonly string[]): void {
    this.#send(keys);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #send(line: ConsumerOrders | readonly string[]): void {
    this.#process.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  #read(line: string): void {
    // The last line of a killed process may be cut: it was not told whole, so it was not told.
    const report = parsed(line);
    if (report !== undefined) this.#onReport(report);
  }
}

function parsed(line: string): ConsumerReport | undefined {
  try {
    return JSON.parse(line) as ConsumerReport;
  } catch {
    return undefined;
  }
}
