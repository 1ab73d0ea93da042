import type { FeedReport } from "../application/read-models.ts";

/** How a read model is, like `Balances: live, 0 events and 0 ms behind`. */
export function showHealth({ model, health, lag }: FeedReport): string {
  const { status, feed, interruptions, error } = health;
  const trouble = error === undefined ? "" : `, ${error.message}`;
  const often = interruptions === 0 ? "" : `, interrupted ${times(interruptions)}`;
  return `${model} on ${feed}: ${status}, ${behind(lag)}${often}${trouble}`;
}

/** How long ago each has handled something, or looked in vain. */
export function showProgressAges(reports: readonly FeedReport[]): string {
  const ages = reports.map(({ model, health: { progressAgeMs } }) => `${model} ${progressAgeMs === null ? "none" : ago(progressAgeMs)}`);
  return `Last progress of the read models: ${ages.join(", ")}`;
}

/** The one that is furthest behind, or in trouble, in a few words. */
export function showWorst(reports: readonly FeedReport[]): string {
  const troubled = reports.find(({ health: { status } }) => status !== "live");
  if (troubled !== undefined) return `${troubled.model} ${troubled.health.status}`;
  const lags = reports.map(({ lag }) => lag);
  return `answers ${behind({ events: Math.max(0, ...lags.map(({ events }) => events)), ms: Math.max(0, ...lags.map(({ ms }) => ms)) })}`;
}

function behind({ events, ms }: { readonly events: number; readonly ms: number }): string {
  return `${events.toLocaleString("en-US")} ${events === 1 ? "event" : "events"} and ${Math.ceil(ms).toLocaleString("en-US")} ms behind`;
}

function ago(ms: number): string {
  return `${Math.ceil(ms).toLocaleString("en-US")} ms ago`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count.toLocaleString("en-US")} times`;
}
