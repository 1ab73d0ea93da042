import { createSeededRandom, type SeededRandom } from "../../runtime/seeded-random.ts";

/** Choices that are the same for the same seed. */
export class Chance {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = createSeededRandom(seed);
  }

  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number {
    return this.#random.below(bound);
  }

  /** Whether something happens that happens once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of several. */
  of<T>(list: readonly [T, ...(readonly T[])]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** Some of several, in their order: also none, or all. */
  some<T>(list: readonly T[]): readonly T[] {
    return list.filter(() => this.oneIn(2));
  }

  /** One of several makers, each as often as its weight says, called. */
  weighted<T>(makers: readonly (readonly [weight: number, make: () => T])[]): T {
    let left = this.below(makers.reduce((sum, [weight]) => sum + weight, 0));
    const chosen = makers.find(([weight]) => (left -= weight) < 0);
    if (chosen === undefined) throw new RangeError("There must be something to choose from.");
    return chosen[1]();
  }
}
