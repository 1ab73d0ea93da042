/** `2026-11`: a calendar month of UTC. */
export const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** A month's first moment, and that of the next one, in milliseconds since 1970-01-01T00:00Z. */
export interface MonthRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** When a month, which fits {@link MONTH}, begins and ends. */
export function rangeOf(month: string): MonthRange {
  const start = new Date(`${month}-01T00:00:00Z`);
  return { startMs: start.getTime(), endMs: new Date(start).setUTCMonth(start.getUTCMonth() + 1) };
}
