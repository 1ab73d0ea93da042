const WINDOW_S = 10;
const MS_PER_S = 1_000;

/** How many a second there were, over the last ten seconds. */
export class RateMeter {
  readonly #startMs: number;
  /** The second that each count is of. */
  readonly #seconds = new Float64Array(WINDOW_S).fill(-1);
  readonly #counts = new Float64Array(WINDOW_S);

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Counts some that came at one time, on a clock that never goes back. */
  count(nowMs: number, many: number): void {
    const second = Math.floor((nowMs - this.#startMs) / MS_PER_S);
    const slot = second % WINDOW_S;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + many;
  }

  /** The seconds that are counted are the one that is under way and those before it; a younger meter divides by its age, but by a second at least. */
  perSecond(nowMs: number): number {
    const ageS = (nowMs - this.#startMs) / MS_PER_S;
    const oldest = Math.floor(ageS) - WINDOW_S + 1;
    const many = this.#counts.reduce((sum, count, slot) => ((this.#seconds[slot] ?? -1) >= Math.max(0, oldest) ? sum + count : sum), 0);
    return many / Math.max(1, ageS - Math.max(0, oldest));
  }
}
