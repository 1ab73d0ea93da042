import type { WorkerHealth } from "@reactive-domain/foundation";

/** How one is that works on events, like `Balances on category Account of banking: live, 0 events and 0 ms behind`. */
export function showHealth(worker: WorkerHealth): string {
  const { name, feed, lag, parked, interruptions, error } = worker;
  const where = feed === null ? name : `${name} on ${feed}`;
  const given = parked === 0 ? "" : `, ${parked.toLocaleString("en-US")} parked`;
  const often = interruptions === null || interruptions === 0 ? "" : `, interrupted ${times(interruptions)}`;
  const trouble = error === undefined ? "" : `, ${error.message}`;
  return `${where}: ${statusOf(worker)}, ${behind(lag)}${given}${often}${trouble}`;
}

/** How long ago each has handled something, or looked in vain; what another bank does is left to that. */
export function showProgressAges(workers: readonly WorkerHealth[]): string {
  const ages = workers.map(({ name, status, progressAgeMs }) => `${name} ${status === "standby" ? "in another bank" : ago(progressAgeMs)}`);
  return `Last progress of the read models: ${ages.join(", ")}`;
}

/** The one that is furthest behind, or in trouble, in a few words. */
export function showWorst(workers: readonly WorkerHealth[]): string {
  const troubled = workers.find((worker) => statusOf(worker) !== "live" && worker.status !== "standby");
  if (troubled !== undefined) return `${troubled.name} ${troubled.status}`;
  const lags = workers.map(({ lag }) => lag);
  if (lags.some((lag) => lag === null)) return `answers ${behind(null)}`;
  const [events, ms] = [Math.max(0, ...lags.map((lag) => lag?.events ?? 0)), Math.max(0, ...lags.map((lag) => lag?.ms ?? 0))];
  return `answers ${behind({ events, ms })}`;
}

/** What banks share, like the balance table, is live where nothing lies before it: whichever of them works on it, and in the moment, too, in which one takes it over. */
function statusOf({ kind, status, lag }: WorkerHealth): WorkerHealth["status"] {
  const isShared = kind === "projection" || kind === "group";
  const isWorking = status === "standby" || status === "catching-up";
  return isShared && isWorking && lag?.events === 0 ? "live" : status;
}

function behind(lag: WorkerHealth["lag"]): string {
  if (lag === null) return "at an unknown place";
  const { events, ms } = lag;
  return `${events.toLocaleString("en-US")} ${events === 1 ? "event" : "events"} and ${Math.ceil(ms).toLocaleString("en-US")} ms behind`;
}

function ago(ms: number | null): string {
  return ms === null ? "none" : `${Math.ceil(ms).toLocaleString("en-US")} ms ago`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count.toLocaleString("en-US")} times`;
}
