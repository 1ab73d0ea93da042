import { FORGETS_SOME } from "./forgetting.ts";
import type { Names } from "./names.ts";
import { writeFunction } from "./write-function.ts";

/** A write that forgets old ones has a bounded part of them to look at. */
export function boundedForgetting(names: Names): string {
  return writeFunction(names, FORGETS_SOME).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
}
