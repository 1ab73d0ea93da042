import type { ConformanceCase } from "./conformance-case.ts";
import { filterCasesOf, type FilterLog, type FilterSample } from "./filter-sample.ts";
import { fill } from "./new-event.ts";

const ENTRIES = [
  ["account-1", "Opened"],
  ["acc_unt-1", "Opened"],
  ["accXunt-1", "Deposited"],
  ["a%-1", "Opened"],
  ["Account-1", "Deposited"],
  ["account-1", "Deposited"],
  ["größe-😀1", "Opened"],
  ["größe-1", "opened"],
  ["account-2", "Closed"],
  ["a\\%-1", "Closed"],
  ["a*b?[c]-1", "Opened"],
  ["o'neill-1", "O'Pened"],
] as const;

const SAMPLES: Readonly<Record<string, readonly FilterSample[]>> = {
  "by types lets exactly these types through": [
    { filter: { types: ["Opened"] }, positions: [0, 1, 3, 6, 10] },
    { filter: { types: ["Closed", "Deposited"] }, positions: [2, 4, 5, 8, 9] },
    { filter: { types: ["Opened", "Opened", "Missing"] }, positions: [0, 1, 3, 6, 10] },
    { filter: { types: ["O'Pened"] }, positions: [11] },
    { filter: { types: ["Missing"] }, positions: [] },
    { filter: { types: ["Open%", "Opene_"] }, positions: [] },
  ],
  "by an empty list of types lets nothing through": [{ filter: { types: [] }, positions: [] }],
  "by stream prefix lets names through that begin so, with their case": [
    { filter: { streamPrefix: "acc" }, positions: [0, 1, 2, 5, 8] },
    { filter: { streamPrefix: "account-1" }, positions: [0, 5] },
    { filter: { streamPrefix: "Acc" }, positions: [4] },
    { filter: { streamPrefix: "" }, positions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    { filter: { streamPrefix: "account-1 " }, positions: [] },
  ],
  "by stream prefix takes no character for a wildcard": [
    { filter: { streamPrefix: "acc_unt" }, positions: [1] },
    { filter: { streamPrefix: "a%" }, positions: [3] },
    { filter: { streamPrefix: "%" }, positions: [] },
    { filter: { streamPrefix: "_" }, positions: [] },
    { filter: { streamPrefix: "a\\%" }, positions: [9] },
    { filter: { streamPrefix: "a*" }, positions: [10] },
    { filter: { streamPrefix: "a*b?[c]" }, positions: [10] },
    { filter: { streamPrefix: "o'n" }, positions: [11] },
  ],
  "by stream prefix counts wide characters as they are": [
    { filter: { streamPrefix: "größe-" }, positions: [6, 7] },
    { filter: { streamPrefix: "größe-😀" }, positions: [6] },
    { filter: { streamPrefix: "größe-😀1" }, positions: [6] },
    { filter: { streamPrefix: "größe-😀12" }, positions: [] },
    { filter: { streamPrefix: "gro\u0308" }, positions: [] },
  ],
  "by categories lets streams through whose name up to the first dash is one of them": [
    { filter: { categories: ["account"] }, positions: [0, 5, 8] },
    { filter: { categories: ["größe", "a%", "Account"] }, positions: [3, 4, 6, 7] },
    { filter: { categories: ["acc", "account-1", "acc_", "a*", ""] }, positions: [] },
    { filter: { categories: ["o'neill", "o'neill"] }, positions: [11] },
    { filter: { categories: [] }, positions: [] },
  ],
  "by categories and others lets through what fits all, from every source": [
    { filter: { categories: ["account"], types: ["Opened"] }, positions: [0] },
    { filter: { categories: ["account", "größe"], types: ["Opened", "Closed"] }, positions: [0, 6, 8] },
    { filter: { categories: ["account"], streamPrefix: "account-2" }, positions: [8] },
    { filter: { categories: ["account", "acc_unt"], types: ["Opened"], streamPrefix: "acc_" }, positions: [1] },
    { filter: { categories: ["account"] }, source: { category: "account" }, positions: [0, 5, 8] },
    { filter: { categories: ["order"] }, source: { category: "account" }, positions: [] },
    { filter: { categories: ["account", "a%"] }, source: { eventType: "Opened" }, positions: [0, 3] },
    { filter: { categories: ["account"] }, source: { stream: "account-1" }, positions: [0, 5] },
    { filter: { categories: ["order"] }, source: { stream: "account-1" }, positions: [] },
  ],
  "by both lets through what fits both, from every source": [
    { filter: { types: ["Opened"], streamPrefix: "acc" }, positions: [0, 1] },
    { filter: { types: ["Deposited"] }, source: { category: "account" }, positions: [5] },
    { filter: { types: ["Deposited", "Closed"], streamPrefix: "account-2" }, source: { category: "account" }, positions: [8] },
    { filter: { types: ["Deposited"] }, source: { stream: "account-1" }, positions: [5] },
    { filter: { streamPrefix: "account-2" }, source: { stream: "account-1" }, positions: [] },
    { filter: { streamPrefix: "a" }, source: { eventType: "Opened" }, positions: [0, 1, 3, 10] },
    { filter: { types: ["Closed"] }, source: { eventType: "Opened" }, positions: [] },
  ],
};

const LOG: FilterLog = { count: ENTRIES.length, write: (store) => fill(store, ENTRIES) };

/** Filters, which a store applies itself. */
export const filterCases: readonly ConformanceCase[] = Object.entries(SAMPLES).flatMap(([name, samples]) =>
  filterCasesOf(name, samples, LOG),
);
