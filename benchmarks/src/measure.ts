import { performance } from "node:perf_hooks";

/** Some work of known size. */
export interface Work {
  /** Does the work once and returns how many units it did, and in how many milliseconds; setting up and clearing away does not count. */
  run(): Promise<{ readonly units: number; readonly ms: number }>;
}

/** Units a second, ours and the floor's: the medians of rounds in which both took turns, after one round that does not count. */
export async function compare(ours: Work, floor: Work, rounds: number): Promise<{ readonly value: number; readonly floor: number }> {
  const values: { ours: number; floor: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const one = { floor: await rateOf(floor), ours: await rateOf(ours) };
    if (round > 0) values.push(one);
  }
  return { value: median(values.map((one) => one.ours)), floor: median(values.map((one) => one.floor)) };
}

/** The milliseconds that something takes. */
export async function timed(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Units a second of one run. */
export async function rateOf(work: Work): Promise<number> {
  globalThis.gc?.();
  const { units, ms } = await work.run();
  return (units * 1000) / ms;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
