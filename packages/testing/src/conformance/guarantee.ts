import type { ConformanceCase } from "./conformance-case.ts";

/** A promise of a port in plain words, and the cases that hold a store to it. */
export interface Guarantee {
  /** Short and stable, in kebab-case: it is the anchor in `docs/reference/guarantees.md`. */
  readonly id: string;
  /** What is promised, in a sentence or two. */
  readonly promise: string;
  readonly cases: readonly ConformanceCase[];
}
