import type { Orders, Report } from "./protocol.ts";
import { ReportingProcess } from "./reporting-process.ts";

const PROGRAM = new URL("child/main.ts", import.meta.url);
const LONGEST_WAIT_MS = 60_000;

/** A process that loads everything it needs, and then waits for its orders. */
export class ChildHandle {
  /** Resolves when it has ended and all that it reported is read: with its signal or exit code. */
  readonly ended: Promise<string | number | null>;
  /** Resolves when it waits for its orders, or has ended. */
  readonly ready: Promise<void>;
  readonly #process: ReportingProcess<Report>;
  readonly #watchers = new Set<() => void>();
  #hasEnded = false;
  #onReport: (report: Report) => void = () => undefined;

  /** `url`: the store that it will open. */
  constructor(url: string) {
    this.#process = new ReportingProcess(PROGRAM, [url], (report) => this.#onReport(report));
    this.ready = this.nextReport("ready").then(() => undefined);
    this.ended = this.#process.ended.then((how) => this.#end(how));
  }

  start(orders: Orders, onReport: (report: Report) => void): void {
    this.#onReport = onReport;
    this.#process.send(orders);
  }

  /** It does nothing any more, and knows nothing of it, until it is to {@link goOn}. */
  stop(): void {
    this.#process.signal("SIGSTOP");
  }

  goOn(): void {
    this.#process.signal("SIGCONT");
  }

  kill(): void {
    this.#process.signal("SIGKILL");
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

  #end(how: string | number | null): string | number | null {
    this.#hasEnded = true;
    for (const done of this.#watchers) done();
    return how;
  }
}
