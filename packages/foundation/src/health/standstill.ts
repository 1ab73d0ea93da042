import type { WorkerReport } from "./worker-report.ts";

/** Where a worker was, with how many events before it. */
interface Mark {
  readonly position: number | null;
  readonly events: number;
  readonly sinceMs: number;
}

/** Tells of a worker, from look to look, for how long it has stood still with work before it. */
export class Standstill {
  #mark: Mark | undefined;

  /** For how long, in milliseconds: 0 where nothing lies before it, where it has moved or its lag has shrunk since the look before, and where it is not to work. */
  see({ status, position, lag }: Pick<WorkerReport, "status" | "position" | "lag">, nowMs: number): number {
    if (!isToWork(status) || lag?.events === 0) {
      this.#mark = undefined;
      return 0;
    }
    // As long as nobody knows what lies before it, its time goes on where it stands.
    if (lag === null) return 0;
    const mark = this.#mark;
    const isStill = mark !== undefined && position === mark.position && lag.events >= mark.events;
    const sinceMs = isStill ? mark.sinceMs : nowMs;
    this.#mark = { position, events: lag.events, sinceMs };
    return nowMs - sinceMs;
  }
}

function isToWork(status: WorkerReport["status"]): boolean {
  return status === "catching-up" || status === "live" || status === "standby" || status === "interrupted";
}
