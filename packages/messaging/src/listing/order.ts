import type { ListingRules } from "./listing-rules.ts";

/** A field by which items are ordered. */
export interface OrderStep {
  readonly by: string;
  readonly direction: "asc" | "desc";
}

interface AskedSort {
  readonly by: string;
  readonly direction?: "asc" | "desc" | undefined;
}

/** The whole order: what is asked for, then what is left of the key. */
export function orderOf(sort: readonly AskedSort[], { key }: ListingRules): readonly OrderStep[] {
  const asked = sort.map(({ by, direction = "asc" }): OrderStep => ({ by, direction }));
  const left = key.filter((field) => !asked.some(({ by }) => by === field));
  return [...asked, ...left.map((by): OrderStep => ({ by, direction: "asc" }))];
}
