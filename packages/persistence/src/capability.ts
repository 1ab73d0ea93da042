/** What a store may lack, where the system behind it has no means for it. Everything else every store has. */
export type Capability =
  | "severalItems"
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
  | "transfer";

/** What a store lacks, each with the reason, as a sentence without a full stop. */
export type Gaps = Readonly<Partial<Record<Capability, string>>>;
