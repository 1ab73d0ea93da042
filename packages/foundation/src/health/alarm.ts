import { ReactiveDomainError } from "@reactive-domain/core";
import type { Sight } from "./sight.ts";
import type { WorkerReport } from "./worker-report.ts";

/** Like `read-model Balances on category Account of banking`. */
export function shownWorker({ kind, name, feed }: Pick<WorkerReport, "kind" | "name" | "feed">): string {
  return `${kind} ${name}${feed === null ? "" : ` on ${feed}`}`;
}

/** The code of an error of the toolkit or of Node, or else the class: never its message, which may quote what nobody is to read. */
export function codeOf(error: unknown): string {
  if (error instanceof ReactiveDomainError) return error.code;
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** What is wrong with a worker, a sentence each. */
export function alarmsOf(sight: Sight, stalledForMs: number | undefined): readonly string[] {
  const who = shownWorker(sight);
  const alarms: string[] = [];
  if (sight.status === "stopped") alarms.push(`${who} has stopped: ${codeOf(sight.error)}.`);
  if (stalledForMs !== undefined) alarms.push(standstillOf(sight, who, stalledForMs));
  if (sight.problem !== undefined) alarms.push(`${who} cannot tell how far it is: ${codeOf(sight.problem)}.`);
  else if (sight.lag === null && isAtWork(sight)) alarms.push(`${who} cannot tell how far it is.`);
  return alarms;
}

function standstillOf({ position, lag, busyWith }: Sight, who: string, stalledForMs: number): string {
  const place = position === null ? "before its first event" : `at position ${position}`;
  const busy = busyWith === null ? "" : `; it is busy with ${busyWith}`;
  return `${who} has stood still ${place} for ${Math.floor(stalledForMs / 1000)} s, with ${lag?.events ?? 0} events before it${busy}.`;
}

/** Whether its lag is known where all is well. */
function isAtWork({ status }: Sight): boolean {
  return status === "catching-up" || status === "live" || status === "standby" || status === "interrupted" || status === "paused";
}
