import { log } from "./0001-log.ts";
import { progress } from "./0002-progress.ts";
import { consumerGroups } from "./0003-consumer-groups.ts";
import { functions } from "./0004-functions.ts";
import { boundedForgetting } from "./0005-bounded-forgetting.ts";
import { lateSnapshots } from "./0006-late-snapshots.ts";
import { groupsInSets } from "./0007-groups-in-sets.ts";
import { expectations } from "./0008-expectations.ts";
import { afterLoss } from "./0009-after-loss.ts";
import { claimsBesideMany } from "./0010-claims-beside-many.ts";
import { claimsBesideAppends } from "./0011-claims-beside-appends.ts";
import type { Layout } from "./layout.ts";
import type { Names } from "./names.ts";

/** In their order; the table `migrations` tells how many of them a store has seen. Published ones never change. */
export const MIGRATIONS: readonly ((names: Names, layout: Layout) => string)[] = [
  log,
  progress,
  consumerGroups,
  functions,
  boundedForgetting,
  lateSnapshots,
  groupsInSets,
  expectations,
  afterLoss,
  claimsBesideMany,
  claimsBesideAppends,
];
