import fc from "fast-check";

export const ACCOUNTS = ["a-1", "a-2", "a-3"] as const;

/** How what keeps projections treats one worker. */
export type Treatment =
  /** Commits are refused from now on, for a while: done or not done. */
  | { readonly how: "refuse"; readonly times: number; readonly isDone: boolean }
  /** It hears nothing for so long, in the middle of whatever it does. */
  | { readonly how: "hang"; readonly ms: number }
  /** The worker is gone, and gives nothing back. */
  | { readonly how: "kill" };

/** Something that happens, while everything else goes on. */
export type Step =
  | { readonly kind: "write"; readonly to: (typeof ACCOUNTS)[number]; readonly events: number }
  /** Of the amounts to come, some fail: so often each, or always until healed. */
  | { readonly kind: "breakNext"; readonly every: number; readonly times: number }
  | { readonly kind: "start"; readonly lanes: number }
  | { readonly kind: "close"; readonly worker: number }
  | { readonly kind: "treat"; readonly worker: number; readonly treatment: Treatment }
  | { readonly kind: "rebuild"; readonly worker: number; readonly givenUpAfterMs: number | undefined; readonly swap: boolean }
  | { readonly kind: "rollback" | "reset" | "pause" | "resume" | "replay" | "verify"; readonly worker: number }
  | { readonly kind: "rebuildKey"; readonly worker: number; readonly key: (typeof ACCOUNTS)[number] }
  | { readonly kind: "drop" }
  | { readonly kind: "failReads" }
  | { readonly kind: "wait"; readonly ms: number };

const kindOf = <K extends Step["kind"]>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const worker = fc.nat(5);

const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  fc.record({ how: fc.constant("refuse" as const), times: fc.integer({ min: 1, max: 3 }), isDone: fc.boolean() }),
  fc.record({ how: fc.constant("hang" as const), ms: fc.integer({ min: 100, max: 20_000 }) }),
  fc.constant({ how: "kill" as const }),
);

const write: fc.Arbitrary<Step> = fc.record({
  kind: kindOf("write"),
  to: fc.constantFrom(...ACCOUNTS),
  events: fc.integer({ min: 1, max: 20 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: write },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kindOf("breakNext"), every: fc.integer({ min: 1, max: 9 }), times: fc.constantFrom(1, 2, 4, 1_000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kindOf("start"), lanes: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kindOf("close"), worker }) },
  { weight: 4, arbitrary: fc.record({ kind: kindOf("treat"), worker, treatment }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kindOf("rebuild"),
      worker,
      givenUpAfterMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
      swap: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("rollback", "reset", "pause", "resume", "resume", "replay", "replay", "verify"), worker }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kindOf("rebuildKey"), worker, key: fc.constantFrom(...ACCOUNTS) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("drop", "failReads") }) },
  { weight: 5, arbitrary: fc.record({ kind: kindOf("wait"), ms: fc.integer({ min: 0, max: 4_000 }) }) },
);

/** What happens: some history, a first worker, and then anything. */
export const drills: fc.Arbitrary<readonly Step[]> = fc
  .tuple(write, fc.array(step, { minLength: 4, maxLength: 40 }))
  .map(([first, steps]): readonly Step[] => {
    const begun: readonly Step[] = [first, { kind: "start", lanes: 1 }];
    return begun.concat(steps);
  });
