/** A stream of numbers that look random and are the same for the same seed. */
export class Random {
  #state: number;

  /** `seed`: an integer from 0 to 2^32 - 1. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to `end - 1`: a linear congruential step, whose high bits are then mixed down. */
  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0x27d4eb2d);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * end);
  }

  /** One of several values. */
  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}
