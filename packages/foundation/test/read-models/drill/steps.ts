import fc from "fast-check";

/** The feeds that read models are started on; they overlap. */
export const FEEDS = ["all", "accounts", "notebooks", "a-1", "deposits"] as const;
export type FeedName = (typeof FEEDS)[number];

/** How the handlers of a model behave. */
export interface Behaviour {
  /** Every so many events they wait, in the middle of their work; 0: never. */
  readonly slowEvery: number;
  readonly slowMs: number;
  /** At which event, counted from 0 over all feeds, they throw once; -1: never. */
  readonly failAt: number;
}

export type DropKind = "retryable" | "foreign" | "final";

/** Something that happens to the store or to the models, while everything else goes on. */
export type Step =
  | { readonly kind: "write"; readonly to: "a-1" | "a-2" | "n-1"; readonly events: number }
  | { readonly kind: "start"; readonly feeds: readonly FeedName[]; readonly from: "start" | "end" | "after"; readonly behaviour: Behaviour }
  | { readonly kind: "share"; readonly feed: Exclude<FeedName, "a-1">; readonly behaviours: readonly Behaviour[] }
  | { readonly kind: "restore" | "close" | "read"; readonly run: number }
  | { readonly kind: "drop"; readonly error: DropKind }
  | { readonly kind: "dropLater"; readonly afterEvents: number; readonly times: number; readonly error: DropKind }
  | { readonly kind: "refuse"; readonly times: number }
  | { readonly kind: "failReads" }
  | { readonly kind: "pause"; readonly ms: number };

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  slowEvery: fc.constantFrom(0, 0, 1, 2, 3, 7),
  slowMs: fc.integer({ min: 1, max: 400 }),
  failAt: fc.oneof({ weight: 4, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 }) }),
});

const dropKind: fc.Arbitrary<DropKind> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<DropKind>("retryable", "foreign") },
  { weight: 1, arbitrary: fc.constant<DropKind>("final") },
);

const kindOf = <K extends Step["kind"]>(kind: K): fc.Arbitrary<K> => fc.constant(kind);

const start: fc.Arbitrary<Step> = fc.record({
  kind: kindOf("start"),
  feeds: fc.uniqueArray(fc.constantFrom(...FEEDS), { minLength: 1, maxLength: 3 }),
  from: fc.constantFrom("start", "start", "after", "end"),
  behaviour,
});

const share: fc.Arbitrary<Step> = fc.record({
  kind: kindOf("share"),
  feed: fc.constantFrom("all", "accounts", "notebooks", "deposits"),
  behaviours: fc.array(behaviour, { minLength: 1, maxLength: 3 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: kindOf("write"), to: fc.constantFrom("a-1", "a-2", "n-1"), events: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 3, arbitrary: start },
  { weight: 2, arbitrary: share },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom("restore", "restore", "close", "read", "read"), run: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ kind: kindOf("drop"), error: dropKind }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kindOf("dropLater"),
      afterEvents: fc.integer({ min: 0, max: 9 }),
      times: fc.integer({ min: 1, max: 4 }),
      error: dropKind,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kindOf("refuse"), times: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kindOf("failReads") }) },
  { weight: 4, arbitrary: fc.record({ kind: kindOf("pause"), ms: fc.integer({ min: 0, max: 600 }) }) },
);

/** What happens: some history, a first model, and then anything. */
export const drills: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.integer({ min: 0, max: 12 }), start, fc.array(step, { minLength: 4, maxLength: 40 }))
  .map(([events, first, steps]): readonly Step[] => {
    const history: readonly Step[] = events === 0 ? [] : [{ kind: "write", to: "a-1", events }];
    return history.concat(first, steps);
  });
