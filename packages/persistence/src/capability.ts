/**
 * What is no call, but holds of what a store gives. `densePositions`: positions are given without holes, from 0, and only to events that a writer has written as such.
 * `hiddenInViews`: categories and types have the events that their streams hide. `deletedAsMissing`: who knows a deleted stream by its version is refused, as if it did not
 * exist. `settledTogether`: settlements and the events of their write are done together or not at all, also when the process ends in between; without it the events may
 * be there and the delivery comes again. `sharedOrder`: order by key, the wait behind parked events and the count of attempts hold across processes; without it within each.
 */
export type Trait = "densePositions" | "hiddenInViews" | "deletedAsMissing" | "settledTogether" | "sharedOrder";

/**
 * What a store may lack, where the system behind it has no means for it. Everything else every store has. `mixedItems`: a deletion, or something said about a stream, beside
 * other items of a write. `chosenReplays`: parked events that are chosen by position or error come again.
 */
export type Capability =
  | Trait
  | "severalItems"
  | "mixedItems"
  | "streamMetadata"
  | "softDelete"
  | "tombstones"
  | "expectations"
  | "systemStreams"
  | "scavenge"
  | "snapshots"
  | "checkpoints"
  | "leases"
  | "consumerGroups"
  | "chosenReplays"
  | "transfer";

/** What a store lacks, each with the reason, as a sentence without a full stop. */
export type Gaps = Readonly<Partial<Record<Capability, string>>>;
