import type { Reporting, WorkerReport } from "@reactive-domain/foundation";

/** A worker whose report a test sets. */
export interface Reported extends Reporting {
  set(changes: Partial<WorkerReport>): void;
}

/** A projection that is live, has handled all and has no trouble, unless something else is said. */
export function reported(given: Partial<WorkerReport> = {}): Reported {
  let report: WorkerReport = { ...WELL, ...given };
  return {
    report: async () => [report],
    set: (changes) => {
      report = { ...report, ...changes };
    },
  };
}

const WELL: WorkerReport = {
  kind: "projection",
  name: "balances",
  feed: null,
  status: "live",
  position: 7,
  lag: { events: 0, ms: 0 },
  progressAgeMs: 5,
  parked: 0,
  failing: 0,
  error: undefined,
};
