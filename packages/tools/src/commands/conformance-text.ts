import type { ConformanceResult } from "@reactive-domain/testing/conformance";
import { inColumns } from "../in-columns.ts";
import { printable } from "../printable.ts";
import { countCases, reportsOf, type GuaranteeReport, type TriedStore } from "./conformance-report.ts";

/** A run for people: what is promised and kept, what went wrong, how many. */
export function conformanceText(
  { store, durability, gaps: lacking }: TriedStore,
  results: readonly ConformanceResult[],
): readonly string[] {
  const reports = reportsOf(results);
  const { passed, failed, gaps } = countCases(results);
  return [
    `${printable(store)}: ${printable(durability)}`,
    ...Object.entries(lacking).map(([capability, reason]) => `It lacks ${capability}: ${printable(reason)}`),
    "",
    ...tableOf(reports),
    ...results.flatMap(failureOf),
    "",
    `${passed} passed, ${failed} failed, ${gaps} gaps`,
  ];
}

function tableOf(reports: readonly GuaranteeReport[]): readonly string[] {
  const rows = reports.map(({ guarantee: { id, promise }, passed, failed, gaps }) => [
    String(passed),
    String(failed),
    String(gaps),
    id,
    promise,
  ]);
  const [header = "", ...lines] = inColumns([["KEPT", "FAILED", "GAPS", "GUARANTEE", "PROMISE"], ...rows], 3);
  const indent = " ".repeat(header.indexOf("PROMISE"));
  return [header, ...lines.flatMap((line, index) => [line].concat(gapsOf(reports[index], indent)))];
}

function gapsOf(report: GuaranteeReport | undefined, indent: string): readonly string[] {
  return (report?.lacking ?? []).map(
    ({ capability, reason, cases }) => `${indent}gap: ${capability} (${cases} ${cases === 1 ? "case" : "cases"}): ${printable(reason)}`,
  );
}

function failureOf({ guarantee, case: { name }, outcome }: ConformanceResult): readonly string[] {
  if (outcome.kind !== "failed") return [];
  const text = outcome.error instanceof Error ? `${outcome.error.name}: ${outcome.error.message}` : String(outcome.error);
  const lines = text.split("\n").map((line) => `  ${printable(line)}`.trimEnd());
  return ["", `FAILED ${guarantee.id}: ${printable(name)}`, ...lines];
}
