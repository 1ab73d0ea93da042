import { decideFunction } from "./decide-function.ts";
import type { Names } from "./names.ts";
import { KINDS_THAT_END } from "./refuse-items.ts";
import { PASSES_DELETED_OVER } from "./snapshot-putting.ts";

/** A snapshot that comes behind the deletion of its stream, of a version before it, is passed over. */
export function lateSnapshots(names: Names): string {
  return decideFunction(names, { putSnapshot: PASSES_DELETED_OVER, streamKinds: KINDS_THAT_END }).replace(
    "CREATE FUNCTION",
    "CREATE OR REPLACE FUNCTION",
  );
}
