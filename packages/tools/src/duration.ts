import { InvalidArgumentError } from "commander";

const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: 24 * HOUR_MS };

/** Milliseconds of a text like `30s`. Throws what the command line tells as bad usage. */
export function durationMs(text: string): number {
  const [, number = "", unit = ""] = FORM.exec(text) ?? [];
  const ms = Number(number) * (UNITS_MS[unit] ?? 0);
  if (ms > 0 && Number.isSafeInteger(Math.ceil(ms))) return ms;
  throw new InvalidArgumentError("It must be a time above 0 like 500ms, 30s, 5m, 2h or 1d.");
}

/** Milliseconds for people, in at most two units. */
export function durationText(ms: number): string {
  const seconds = Math.ceil(ms / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(`${minutes} min`, seconds % 60, "s");
  return withRest(`${Math.floor(minutes / 60).toLocaleString("en")} h`, minutes % 60, "min");
}

function withRest(text: string, rest: number, unit: string): string {
  return rest === 0 ? text : `${text} ${rest} ${unit}`;
}
