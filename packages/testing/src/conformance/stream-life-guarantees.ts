import { deletedSubscriptionCases } from "./deleted-subscription-cases.ts";
import type { Guarantee } from "./guarantee.ts";
import { hiddenEventCases } from "./hidden-event-cases.ts";
import { holeCases } from "./hole-cases.ts";
import { scavengeCases } from "./scavenge-cases.ts";
import { softDeleteCases } from "./soft-delete-cases.ts";
import { streamMetadataCases } from "./stream-metadata-cases.ts";
import { tombstoneCases } from "./tombstone-cases.ts";

/** What a store promises about streams that are deleted, or show only a part of what was written to them. */
export const streamLifeGuarantees: readonly Guarantee[] = [
  {
    id: "soft-delete",
    promise:
      "A deleted stream reads as if it did not exist, until it is written again, with numbers that go on. What was deleted stays in the log until a scavenge.",
    cases: [...softDeleteCases, ...deletedSubscriptionCases],
  },
  { id: "tombstones", promise: "A stream that was deleted for ever is never written again.", cases: tombstoneCases },
  {
    id: "stream-metadata",
    promise: "What is said about a stream is kept as it was said, and replaces all that was said before.",
    cases: streamMetadataCases,
  },
  {
    id: "hidden-events",
    promise: "Metadata hides the events of a stream that are too many, too old or before a version. The log keeps them until a scavenge.",
    cases: hiddenEventCases,
  },
  {
    id: "scavenge",
    promise: "A scavenge removes what is hidden and nothing else. Versions and positions stay as they are, and are never given again.",
    cases: scavengeCases,
  },
  {
    id: "holes",
    promise: "Reads and subscriptions pass over the holes that a scavenge leaves, in both directions, without loss or repetition.",
    cases: holeCases,
  },
];
