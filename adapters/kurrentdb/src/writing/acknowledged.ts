import type { LogReader } from "../reading/log-reader.ts";

const MAX_KEPT = 10_000;

/**
 * Tells new events from repeated ones, which a server answers alike: what was there already is not above all that this process had seen when it sent its own, or was answered
 * to it before.
 */
export class Acknowledged {
  readonly #log: LogReader;
  #recent = new Set<number>();
  #older = new Set<number>();

  constructor(log: LogReader) {
    this.#log = log;
  }

  /** What was seen before a write is sent. */
  before(): number {
    return this.#log.seen;
  }

  /** Whether a write that was answered with a position had been done before; the position is seen then. */
  isRepeated(position: number, before: number): boolean {
    const isKnown = position <= before || this.#recent.has(position) || this.#older.has(position);
    if (this.#recent.size >= MAX_KEPT) [this.#older, this.#recent] = [this.#recent, new Set()];
    this.#recent.add(position);
    this.#log.see(position);
    return isKnown;
  }
}
