import type { Gaps } from "../capability.ts";
import type { EventStoreDriver } from "./driver.ts";

const NO_MEANS = "its driver has no means for it";

/** What a driver lacks: what it says, and what it leaves out without a word. */
export function gapsOf(driver: EventStoreDriver): Gaps {
  return {
    ...(driver.snapshot === undefined && { snapshots: NO_MEANS }),
    ...(driver.checkpoint === undefined && { checkpoints: NO_MEANS }),
    ...(driver.scavenge === undefined && { scavenge: NO_MEANS }),
    ...(driver.leases === undefined && { leases: NO_MEANS }),
    ...(driver.groups === undefined && { consumerGroups: NO_MEANS }),
    ...(driver.transfer === undefined && { transfer: NO_MEANS }),
    ...driver.gaps,
  };
}
