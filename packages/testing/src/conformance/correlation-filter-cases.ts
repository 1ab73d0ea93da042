import type { EventStore } from "@reactive-domain/persistence";
import type { ConformanceCase } from "./conformance-case.ts";
import { filterCasesOf, type FilterLog, type FilterSample } from "./filter-sample.ts";
import { grow } from "./new-event.ts";

/** Streams, types and metadata. Metadata is kept verbatim: it need not be JSON. */
const ENTRIES = [
  ["account-1", "Opened", '{"correlationId":"c1"}'],
  ["account-1", "Opened", '{"correlationId":"c2","x":1}'],
  ["account-2", "Deposited", '{ "é": "ü", "correlationId" : "c1" }'],
  ["order-1", "Opened", '{"correlationId":"c1"}'],
  ["order-1", "Placed", "no JSON"],
  ["account-1", "Opened", "{}"],
  ["account-1", "Opened", '{"correlationId":1}'],
  ["account-1", "Opened", '{"nested":{"correlationId":"c1"}}'],
  ["account-1", "Opened", '{"CorrelationId":"c1"}'],
  ["account-1", "Opened", '{"correlationId":"c1"'],
  ["account-1", "Opened", '[{"correlationId":"c1"}]'],
  ["account-1", "Opened", "null"],
  ["account-1", "Opened", '"c1"'],
  ["account-2", "Opened", '{"correlationId":"größe\'s % 😀"}'],
  ["order-1", "Opened", '{"correlationId":null}'],
  ["account-1", "Deposited", '{"correlationId":"C1"}'],
  ["order-1", "Opened", '{"correlationId":["c1"]}'],
] as const;

const LOG: FilterLog = {
  count: ENTRIES.length,
  async write(store: EventStore): Promise<void> {
    for (const [stream, type, metadata] of ENTRIES) await grow(store, stream, 1, { type, metadata });
  },
};

const SAMPLES: Readonly<Record<string, readonly FilterSample[]>> = {
  "by correlation lets exactly the events of one chain through": [
    { filter: { correlationId: "c1" }, positions: [0, 2, 3] },
    { filter: { correlationId: "c2" }, positions: [1] },
    { filter: { correlationId: "C1" }, positions: [15] },
    { filter: { correlationId: "größe's % 😀" }, positions: [13] },
    { filter: { correlationId: "c" }, positions: [] },
    { filter: { correlationId: "c%" }, positions: [] },
    { filter: { correlationId: "1" }, positions: [] },
    { filter: { correlationId: "null" }, positions: [] },
  ],
  "by correlation and others lets through what fits all, from every source": [
    { filter: { correlationId: "c1", types: ["Opened"] }, positions: [0, 3] },
    { filter: { correlationId: "c1", types: ["Opened", "Deposited"] }, positions: [0, 2, 3] },
    { filter: { correlationId: "c1", categories: ["account"] }, positions: [0, 2] },
    { filter: { correlationId: "c1", streamPrefix: "account-1" }, positions: [0] },
    { filter: { correlationId: "c1", types: ["Opened"], categories: ["order"], streamPrefix: "ord" }, positions: [3] },
    { filter: { correlationId: "c1", types: ["Opened"], categories: ["account"] }, positions: [0] },
    { filter: { correlationId: "c1" }, source: { stream: "account-1" }, positions: [0] },
    { filter: { correlationId: "c1" }, source: { category: "account" }, positions: [0, 2] },
    { filter: { correlationId: "c1" }, source: { eventType: "Opened" }, positions: [0, 3] },
  ],
};

/** Filters by the chain that an event belongs to, as its metadata tells. */
export const correlationFilterCases: readonly ConformanceCase[] = Object.entries(SAMPLES).flatMap(([name, samples]) =>
  filterCasesOf(name, samples, LOG),
);
