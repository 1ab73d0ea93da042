import { decideFunction } from "./decide-function.ts";
import type { Names } from "./names.ts";
import { KINDS_WITH_EXPECT } from "./refuse-items.ts";
import { PASSES_DELETED_OVER } from "./snapshot-putting.ts";

/** A write may be held to the version of streams that it does not change. */
export function expectations(names: Names): string {
  return decideFunction(names, { putSnapshot: PASSES_DELETED_OVER, streamKinds: KINDS_WITH_EXPECT }).replace(
    "CREATE FUNCTION",
    "CREATE OR REPLACE FUNCTION",
  );
}
