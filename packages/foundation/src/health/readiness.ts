import type { WorkerReport } from "./worker-report.ts";

/** Tells of a worker, from look to look, whether what it keeps may be asked. */
export class Readiness {
  #hasBeenReady = false;

  /** Whether it has handled its history, here or at a look before, and still goes on. Nobody asks a group. */
  see({ kind, status }: Pick<WorkerReport, "kind" | "status">): boolean {
    if (kind === "group") return true;
    if (status === "stopped" || status === "closed" || status === "not-started") return false;
    if (status !== "catching-up" && status !== "interrupted") this.#hasBeenReady = true;
    return this.#hasBeenReady;
  }
}
