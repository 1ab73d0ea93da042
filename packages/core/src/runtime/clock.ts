/** Where time comes from. */
export interface Clock {
  /** The time of day, in milliseconds since 1970-01-01T00:00Z. It may jump; nothing is ordered by it. */
  now(): number;
  /** Milliseconds since some start, with fractions; it never goes back. For durations. */
  monotonicMs(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};
