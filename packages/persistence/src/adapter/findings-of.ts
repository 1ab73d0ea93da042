import type { Finding } from "../store-maintenance.ts";

/** Of each law a check tells so many findings, and that there are more. */
export const MAX_FINDINGS_OF_A_LAW = 20;

/** The findings of one law. `problems`: as many as there are, or at least one more than {@link MAX_FINDINGS_OF_A_LAW}. */
export function findingsOf(law: string, problems: readonly string[]): readonly Finding[] {
  const told = problems.slice(0, MAX_FINDINGS_OF_A_LAW);
  if (problems.length > told.length) told.push("There are more of these.");
  return told.map((problem) => ({ law, problem }));
}
