import type { ExpectedItemVersion } from "./read-model-repository.ts";

/** Whether an item is at the version that a change expects; `null` is that of none. */
export function isAsExpected(actual: number | null, expected: ExpectedItemVersion): boolean {
  return expected === "any" || actual === (expected === "none" ? null : expected);
}
