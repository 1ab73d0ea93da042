import { currentRuntime } from "@reactive-domain/core";
import type { Gaps } from "@reactive-domain/persistence";
import type { ConformanceCase, StoreFactory } from "./conformance-case.ts";
import { casesWithin } from "./gap-cases.ts";
import type { Guarantee } from "./guarantee.ts";

/** How a case went. */
export type ConformanceOutcome =
  | { readonly kind: "passed" }
  /** With what the case rejected with: an assertion, or an error of the store. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** The case was not run: it needs what the store lacks. The store's own reasons, by what is lacking. */
  | { readonly kind: "gap"; readonly gaps: Gaps };

/** What became of one case. */
export interface ConformanceResult {
  /** The promise that the case belongs to. */
  readonly guarantee: Guarantee;
  readonly case: ConformanceCase;
  readonly outcome: ConformanceOutcome;
  /** How long the case took, in milliseconds; 0 for a gap. */
  readonly durationMs: number;
}

/** Which cases to run. */
export interface RunConformanceOptions {
  /** All cases of the guarantee with this id; or else every case in whose name, or guarantee's id or promise, this text occurs, in upper or lower case. Default: all. */
  readonly only?: string;
}

/**
 * Holds a store to promises, case by case, one at a time, while it is iterated. What a case needs and the store lacks makes it a gap, which is no pass. For each
 * gap a case is run that shows that what is lacking is refused with the reason; these belong to a guarantee `gaps`, which comes last.
 *
 * Errors: those of `open` when the first store, of which the gaps are learnt, cannot be opened. Whatever goes wrong in a case is its outcome.
 *
 * @example
 * for await (const { case: { name }, outcome } of runConformance(eventStoreGuarantees, open)) console.log(outcome.kind, name);
 */
export async function* runConformance(
  guarantees: readonly Guarantee[],
  open: StoreFactory,
  { only }: RunConformanceOptions = {},
): AsyncGenerator<ConformanceResult, void, void> {
  const gaps = await gapsOf(open);
  const all = [...guarantees, honestGaps(gaps)];
  for (const guarantee of only === undefined ? all : select(all, only)) {
    for (const one of guarantee.cases) {
      const lacking = lackingOf(one, gaps);
      yield lacking === undefined
        ? { guarantee, case: one, ...(await runCase(one, open)) }
        : { guarantee, case: one, outcome: { kind: "gap", gaps: lacking }, durationMs: 0 };
    }
  }
}

/** The promise of a store with gaps, and a case for each; none where there are no gaps. */
function honestGaps(gaps: Gaps): Guarantee {
  return { id: "gaps", promise: "What a store lacks it says beforehand, and refuses with the reason.", cases: casesWithin(gaps, []) };
}

function select(guarantees: readonly Guarantee[], only: string): readonly Guarantee[] {
  const named = guarantees.filter(({ id }) => id === only);
  if (named.length > 0) return named;
  const holdsText = (text: string): boolean => text.toLowerCase().includes(only.toLowerCase());
  return guarantees.map((guarantee) => {
    const { id, promise, cases } = guarantee;
    return [id, promise].some(holdsText) ? guarantee : { ...guarantee, cases: cases.filter(({ name }) => holdsText(name)) };
  });
}

async function gapsOf(open: StoreFactory): Promise<Gaps> {
  await using store = await open();
  return store.gaps;
}

/** What a case needs and the store lacks; `undefined` where it lacks nothing. */
function lackingOf({ requires = [] }: ConformanceCase, gaps: Gaps): Gaps | undefined {
  const lacking = requires.filter((capability) => gaps[capability] !== undefined);
  return lacking.length === 0 ? undefined : Object.fromEntries(lacking.map((capability) => [capability, gaps[capability]]));
}

async function runCase(one: ConformanceCase, open: StoreFactory): Promise<Pick<ConformanceResult, "outcome" | "durationMs">> {
  const { clock } = currentRuntime();
  const startMs = clock.monotonicMs();
  const outcome = await one.run(open).then(
    (): ConformanceOutcome => ({ kind: "passed" }),
    (error: unknown): ConformanceOutcome => ({ kind: "failed", error }),
  );
  return { outcome, durationMs: clock.monotonicMs() - startMs };
}
