import type { Capability, Gaps } from "@reactive-domain/persistence";
import type { ConformanceResult, Guarantee } from "@reactive-domain/testing/conformance";

/** What was tried. */
export interface TriedStore {
  /** Its URL, without a password. */
  readonly store: string;
  readonly durability: string;
  readonly gaps: Gaps;
}

/** How many cases were kept, were broken, or need what the store lacks. */
export interface CaseCounts {
  readonly passed: number;
  readonly failed: number;
  readonly gaps: number;
}

/** What became of one promise. */
export interface GuaranteeReport extends CaseCounts {
  readonly guarantee: Guarantee;
  readonly results: readonly ConformanceResult[];
  /** What its cases need and the store lacks, each with the reason and the number of cases. */
  readonly lacking: readonly { readonly capability: Capability; readonly reason: string; readonly cases: number }[];
}

/** The results of a run by guarantee, in the order of the run. */
export function reportsOf(results: readonly ConformanceResult[]): readonly GuaranteeReport[] {
  const ids = [...new Set(results.map(({ guarantee }) => guarantee.id))];
  return ids.flatMap((id) => {
    const own = results.filter(({ guarantee }) => guarantee.id === id);
    const [first] = own;
    return first === undefined ? [] : [{ guarantee: first.guarantee, results: own, ...countCases(own), lacking: lackingOf(own) }];
  });
}

export function countCases(results: readonly ConformanceResult[]): CaseCounts {
  const count = (kind: ConformanceResult["outcome"]["kind"]): number => results.filter(({ outcome }) => outcome.kind === kind).length;
  return { passed: count("passed"), failed: count("failed"), gaps: count("gap") };
}

function lackingOf(results: readonly ConformanceResult[]): GuaranteeReport["lacking"] {
  const gaps = results.flatMap(({ outcome }) => (outcome.kind === "gap" ? [outcome.gaps] : []));
  const reasons = new Map(gaps.flatMap((one) => Object.entries(one) as [Capability, string][]));
  return [...reasons].map(([capability, reason]) => ({
    capability,
    reason,
    cases: gaps.filter((one) => one[capability] !== undefined).length,
  }));
}
