import type { Gaps } from "@reactive-domain/persistence";
import type { ServerFeatures } from "./wire/server-features.ts";

const ALWAYS: Gaps = {
  densePositions: "positions of KurrentDB are places in its log, which also has what is no event of an application",
  hiddenInViews: "links of KurrentDB lead to no event that its stream hides",
  deletedAsMissing: "KurrentDB takes the last version of a deleted stream for what is expected of it",
  mixedItems: "KurrentDB deletes streams, and keeps what is said about them, by calls of their own",
  systemStreams: "streams and types whose names begin with $ are KurrentDB's own",
  scavenge: "a scavenge is the matter of the server's operator, who starts it there",
  leases: "KurrentDB has no leases",
  settledTogether: "KurrentDB is told of a settlement by a message of its own, behind the events of the write",
  sharedOrder: "KurrentDB keeps events of one stream with one process only while the processes and their room stay as they are",
  chosenReplays: "KurrentDB has parked events come again from the first one on, all or up to a number",
  transfer: "KurrentDB takes no positions from outside; copy its log from a backup",
};

/** What the store lacks on a server, and why. */
export function gapsOf({ version, hasSessions, hasChecks }: ServerFeatures): Gaps {
  return {
    ...ALWAYS,
    ...(!hasSessions && { severalItems: `KurrentDB ${version} writes one stream at a time; 25.1 and later write several` }),
    ...(!hasChecks && { expectations: `KurrentDB ${version} looks at no streams that it does not write; 26.1 and later do` }),
  };
}
