import { ReactiveDomainError, type JsonObject } from "@reactive-domain/core";
import type { ConformanceResult } from "@reactive-domain/testing/conformance";
import { countCases, reportsOf, type TriedStore } from "./conformance-report.ts";

/** A run as one JSON document. */
export function conformanceDocument({ store, durability, gaps }: TriedStore, results: readonly ConformanceResult[]): readonly string[] {
  const guarantees = reportsOf(results).map(({ guarantee: { id, promise }, results: own, passed, failed, gaps: missing, lacking }) => ({
    id,
    promise,
    passed,
    failed,
    gaps: missing,
    lacking,
    cases: own.map(caseOf),
  }));
  return [JSON.stringify({ store, durability, gaps, guarantees, totals: countCases(results) }, undefined, 2)];
}

function caseOf({ case: { name, behaviours }, outcome, durationMs }: ConformanceResult): JsonObject {
  const known = { name, behaviours: [...behaviours], outcome: outcome.kind, durationMs: Math.round(durationMs * 10) / 10 };
  if (outcome.kind === "failed") return { ...known, error: errorOf(outcome.error) };
  return outcome.kind === "gap" ? { ...known, gaps: { ...outcome.gaps } } : known;
}

function errorOf(error: unknown): JsonObject {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message } = error;
  return error instanceof ReactiveDomainError ? { name, code: error.code, message } : { name, message };
}
