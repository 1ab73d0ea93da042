import { AS_DEFINED, endLeases } from "./line-functions.ts";
import type { Names } from "./names.ts";

/** A group says whether events that were with others when their consumer went away come alone. */
export function afterLoss(names: Names): string {
  return endLeases(names, AS_DEFINED).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
}
