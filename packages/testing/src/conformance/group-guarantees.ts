import { groupCrashCases } from "./group-crash-cases.ts";
import { groupDefinitionCases } from "./group-definition-cases.ts";
import { groupOrderCases } from "./group-order-cases.ts";
import { groupParkedCases } from "./group-parked-cases.ts";
import { groupRetryCases } from "./group-retry-cases.ts";
import { groupScavengeCases } from "./group-scavenge-cases.ts";
import { groupSettleCases } from "./group-settle-cases.ts";
import { groupSourceCases } from "./group-source-cases.ts";
import { groupStatusCases } from "./group-status-cases.ts";
import { groupWaitCases } from "./group-wait-cases.ts";
import type { Guarantee } from "./guarantee.ts";

/** What a store promises to consumers that share the events of a source. */
export const groupGuarantees: readonly Guarantee[] = [
  {
    id: "group-definitions",
    promise:
      "A consumer group is made once and keeps its definition until it is deleted. Making it again changes nothing; making another of its name is refused.",
    cases: groupDefinitionCases,
  },
  {
    id: "group-sources",
    promise: "A group delivers exactly the events of its source that its filter lets through, from the place where it was told to begin.",
    cases: groupSourceCases,
  },
  {
    id: "group-order",
    promise:
      "Each event goes to one consumer at a time. Those that share a key are delivered in the order of the log, and wait for each other.",
    cases: groupOrderCases,
  },
  {
    id: "group-settlement",
    promise: "A delivery is settled once, by the consumer that holds it, together with the events of the write or not at all.",
    cases: groupSettleCases,
  },
  {
    id: "group-retries",
    promise: "What fails comes again after a delay that grows, and those behind it wait.",
    cases: groupRetryCases,
  },
  {
    id: "group-parking",
    promise: "What fails too often is parked with its error, and can be delivered again. The event stays in the log as it was.",
    cases: groupParkedCases,
  },
  {
    id: "group-crashes",
    promise:
      "What a crashed consumer had goes to another when its lease has ended, one by one: what kills its consumers is parked, and its neighbours are handled. A consumer that comes too late settles nothing.",
    cases: groupCrashCases,
  },
  {
    id: "group-waiting",
    promise: "A claim that waits is answered as soon as there is something to deliver, or when its time is up.",
    cases: groupWaitCases,
  },
  {
    id: "group-progress",
    promise: "A group tells how far it is, and takes no more from the log than it may have under way.",
    cases: groupStatusCases,
  },
  { id: "group-scavenging", promise: "What is scavenged is not delivered any more, and holds up nothing.", cases: groupScavengeCases },
];
