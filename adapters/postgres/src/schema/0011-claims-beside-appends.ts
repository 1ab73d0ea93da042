import type { Names } from "./names.ts";
import { takeFromLogFunction } from "./take-from-log-function.ts";

/** A claim takes nothing that was written to its stream behind the end of the log that it knows: the next claim would take it again. */
export function claimsBesideAppends(names: Names): string {
  return takeFromLogFunction(names, "of-log").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
}
