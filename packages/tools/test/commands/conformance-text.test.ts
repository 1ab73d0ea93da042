import { InvalidArgument } from "@reactive-domain/core";
import type { ConformanceOutcome, ConformanceResult, Guarantee } from "@reactive-domain/testing/conformance";
import { expect, test } from "vitest";
import { conformanceDocument } from "../../src/commands/conformance-document.ts";
import type { TriedStore } from "../../src/commands/conformance-report.ts";
import { conformanceText } from "../../src/commands/conformance-text.ts";

const appends: Guarantee = { id: "appends", promise: "An append is whole.", cases: [] };
const deletion: Guarantee = { id: "deletion", promise: "What is deleted is gone.", cases: [] };
const tried: TriedStore = { store: "sqlite:a.db", durability: "on disk", gaps: { softDelete: "no means", tombstones: "no room" } };

const result = (guarantee: Guarantee, name: string, outcome: ConformanceOutcome): ConformanceResult => ({
  guarantee,
  case: { name, behaviours: ["F4"], run: async () => undefined },
  outcome,
  durationMs: 1.25,
});

const RESULTS: readonly ConformanceResult[] = [
  result(appends, "an append is told", { kind: "passed" }),
  result(appends, "an append is whole", { kind: "failed", error: new Error("Two lines:\n\u001B[31m+ red") }),
  result(appends, "an append is checked", { kind: "failed", error: new InvalidArgument("limit", "1", 2) }),
  result(deletion, "it is gone", { kind: "gap", gaps: { softDelete: "no means" } }),
  result(deletion, "it is gone for ever", { kind: "gap", gaps: { softDelete: "no means", tombstones: "no room" } }),
];

test("a run is told as a table of guarantees with gaps and their reasons, then failures, then totals", () => {
  expect(conformanceText(tried, RESULTS)).toEqual([
    "sqlite:a.db: on disk",
    "It lacks softDelete: no means",
    "It lacks tombstones: no room",
    "",
    "KEPT  FAILED  GAPS  GUARANTEE  PROMISE",
    "   1       2     0  appends    An append is whole.",
    "   0       0     2  deletion   What is deleted is gone.",
    "                               gap: softDelete (2 cases): no means",
    "                               gap: tombstones (1 case): no room",
    "",
    "FAILED appends: an append is whole",
    "  Error: Two lines:",
    String.raw`  \u001b[31m+ red`,
    "",
    "FAILED appends: an append is checked",
    "  InvalidArgument: limit must be 1, but is 2.",
    "",
    "1 passed, 2 failed, 2 gaps",
  ]);
});

test("with json a run is one document", () => {
  const known = { behaviours: ["F4"], durationMs: 1.3 };
  expect(JSON.parse(conformanceDocument(tried, RESULTS).join("\n"))).toEqual({
    ...tried,
    guarantees: [
      {
        id: "appends",
        promise: "An append is whole.",
        passed: 1,
        failed: 2,
        gaps: 0,
        lacking: [],
        cases: [
          { ...known, name: "an append is told", outcome: "passed" },
          {
            ...known,
            name: "an append is whole",
            outcome: "failed",
            error: { name: "Error", message: "Two lines:\n\u001B[31m+ red" },
          },
          {
            ...known,
            name: "an append is checked",
            outcome: "failed",
            error: { name: "InvalidArgument", code: "invalid-argument", message: "limit must be 1, but is 2." },
          },
        ],
      },
      {
        id: "deletion",
        promise: "What is deleted is gone.",
        passed: 0,
        failed: 0,
        gaps: 2,
        lacking: [
          { capability: "softDelete", reason: "no means", cases: 2 },
          { capability: "tombstones", reason: "no room", cases: 1 },
        ],
        cases: [
          { ...known, name: "it is gone", outcome: "gap", gaps: { softDelete: "no means" } },
          { ...known, name: "it is gone for ever", outcome: "gap", gaps: { softDelete: "no means", tombstones: "no room" } },
        ],
      },
    ],
    totals: { passed: 1, failed: 2, gaps: 2 },
  });
});
