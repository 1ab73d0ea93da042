import type { WorkerHealth } from "./health.ts";

/** Whether a new process may mend it. What waits behind an event that is parked or under retry would wait there, too. */
export function wantsRestart({ status, isStalled, parked, failing }: WorkerHealth): boolean {
  return status === "stopped" || (isStalled && parked === 0 && failing === 0);
}
