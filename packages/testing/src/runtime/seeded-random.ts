import type { Chance } from "@reactive-domain/core";

/** Numbers that look random and are the same for the same seed. */
export interface SeededRandom {
  /** An integer from 0 to `bound` - 1; `bound` from 1 to 2^32. */
  below(bound: number): number;
}

/** A generator of 32 bits of state (SplitMix32): good enough to mix schedules, not for secrets. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = mix((seed | 0) ^ mix(Math.trunc(seed / 2 ** 32)));
  return {
    below(bound: number): number {
      state = (state + 0x9e3779b9) | 0;
      return Math.floor(((mix(state) >>> 0) / 2 ** 32) * bound);
    },
  };
}

/** Chance that is the same for the same seed. */
export function createSeededChance(seed: number): Chance {
  const random = createSeededRandom(seed);
  return { next: () => random.below(2 ** 32) / 2 ** 32 };
}

function mix(value: number): number {
  const half = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  const whole = Math.imul(half ^ (half >>> 15), 0x735a2d97);
  return whole ^ (whole >>> 15);
}
