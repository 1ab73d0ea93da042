import { appendFunction } from "./append-function.ts";
import { decideFunction } from "./decide-function.ts";
import { FORGETS_ALL } from "./forgetting.ts";
import { groupFunctions } from "./group-functions.ts";
import { leaseFunctions } from "./lease-functions.ts";
import { lineFunctions } from "./line-functions.ts";
import type { Names } from "./names.ts";
import { partitionFunction } from "./partition-function.ts";
import { KINDS_THAT_END } from "./refuse-items.ts";
import { scavengeFunction } from "./scavenge-function.ts";
import { PUTS_DELETED } from "./snapshot-putting.ts";
import { streamFunctions } from "./stream-functions.ts";
import { writeFunction } from "./write-function.ts";

/** What is done inside the database: a call decides and carries out what would take many round trips, under locks that are held no longer than that. */
export function functions(names: Names): string {
  return [
    partitionFunction,
    streamFunctions,
    lineFunctions,
    groupFunctions,
    leaseFunctions,
    (known: Names) => decideFunction(known, { putSnapshot: PUTS_DELETED, streamKinds: KINDS_THAT_END }),
    (known: Names) => writeFunction(known, FORGETS_ALL),
    appendFunction,
    scavengeFunction,
  ]
    .map((make) => make(names))
    .join("");
}
