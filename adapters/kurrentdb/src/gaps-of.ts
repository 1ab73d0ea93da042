import type { Gaps } from "@reactive-domain/persistence";
import type { ServerFeatures } from "./wire/server-features.ts";

const ALWAYS: Gaps = {
  systemStreams: "streams and types whose names begin with $ are KurrentDB's own",
  scavenge: "a scavenge is the matter of the server's operator, who starts it there",
  leases: "KurrentDB has no leases",
  consumerGroups: "persistent subscriptions of KurrentDB are not used yet",
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
