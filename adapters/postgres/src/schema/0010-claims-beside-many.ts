import { claimFunction } from "./claim-function.ts";
import { LOOKS_AT_TWO } from "./holding.ts";
import type { Names } from "./names.ts";
import { TAKES_ALL } from "./taking.ts";

/** A claim costs the same however much its consumer holds. */
export function claimsBesideMany(names: Names): string {
  return claimFunction(names, TAKES_ALL, LOOKS_AT_TWO).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
}
