import { claimFunction } from "./claim-function.ts";
import type { Names } from "./names.ts";
import { settleFunction } from "./settle-function.ts";
import { TAKES_ALL } from "./taking.ts";

/** Deliveries are made and settled many at a time, not one after another. */
export function groupsInSets(names: Names): string {
  return [claimFunction(names, TAKES_ALL), settleFunction(names)]
    .map((sql) => sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    .join("");
}
