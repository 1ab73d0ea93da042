import { compareCheckpoints, InvalidArgument, position, version, type Checkpoint } from "@reactive-domain/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const at = (feed: string, own: number | null, log: number | null = null): Checkpoint => ({
  feed,
  version: own === null ? null : version(own),
  position: log === null ? null : position(log),
});

describe("comparing sets of checkpoints", () => {
  it.each([
    ["the same places", [at("a", 1)], [at("a", 1)], "equal"],
    ["fewer events of one feed", [at("a", 1), at("b", 2)], [at("a", 2), at("b", 2)], "before"],
    ["more events of one feed", [at("a", 1), at("b", 3)], [at("a", 1), at("b", 2)], "after"],
    ["more of one and fewer of another", [at("a", 1), at("b", 3)], [at("a", 2), at("b", 2)], "concurrent"],
    [
      "fewer of one and more of another, behind equal ones",
      [at("c", 1), at("a", 2), at("b", 3)],
      [at("c", 1), at("a", 3), at("b", 2)],
      "concurrent",
    ],
    ["a feed that is missing, which covers nothing", [at("a", 1)], [at("a", 1), at("b", 0)], "before"],
    ["a feed that is missing in each", [at("a", 1)], [at("b", 1)], "concurrent"],
    ["a feed that is missing, and one of which nothing came", [at("a", 1)], [at("a", 1), at("b", null)], "equal"],
    ["nothing and the first event, which is not nothing", [at("a", null)], [at("a", 0)], "before"],
    ["versions, where positions say otherwise", [at("a", 1, 9)], [at("a", 2, 5)], "before"],
    ["positions, where one has no version", [at("a", 1, 5)], [at("a", null, 4)], "after"],
    ["positions of equal places, where none has a version", [at("a", null, 4)], [at("a", null, 4)], "equal"],
    ["a version with a position, which cannot be compared", [at("a", 1)], [at("a", null, 4)], "concurrent"],
    ["what cannot be compared, and one that is before", [at("a", 1), at("b", 1)], [at("a", null, 4), at("b", 2)], "concurrent"],
    ["another order of feeds", [at("a", 1), at("b", 2)], [at("b", 2), at("a", 1)], "equal"],
    ["a feed that is there twice, by the nearest", [at("a", 5), at("a", 1)], [at("a", 2)], "before"],
    ["a feed that is there twice, the nearest first", [at("a", 1), at("a", 5)], [at("a", 2)], "before"],
  ] as const)("K1: %s", (_, one, other, expected) => {
    expect(compareCheckpoints(one, other)).toBe(expected);
    expect(compareCheckpoints(other, one)).toBe(OPPOSITE[expected]);
  });

  it("K1: takes no set for an empty one", () => {
    for (const none of [null, undefined, []]) {
      for (const nothing of [null, undefined, [], [at("a", null)]]) expect(compareCheckpoints(none, nothing)).toBe("equal");
      expect(compareCheckpoints(none, [at("a", 0)])).toBe("before");
      expect(compareCheckpoints([at("a", null, 0)], none)).toBe("after");
    }
  });

  it.each([
    ["no list", {}],
    ["no checkpoint", [7]],
    ["none without a feed", [{ version: null, position: null }]],
    ["a negative version", [{ feed: "a", version: -1, position: null }]],
    ["half a position", [{ feed: "a", version: null, position: 0.5 }]],
    ["a place that is left out", [{ feed: "a", version: 1 }]],
  ])("refuses %s", (_, broken) => {
    expect(() => compareCheckpoints(broken as never, [])).toThrow(InvalidArgument);
    expect(() => compareCheckpoints([], broken as never)).toThrow(InvalidArgument);
  });
});

const OPPOSITE = { equal: "equal", before: "after", after: "before", concurrent: "concurrent" } as const;

const place = fc.option(fc.nat({ max: 3 }), { nil: null });
/** Sets of three feeds, by versions alone or by positions alone, some feeds left out. */
const sets = fc
  .tuple(fc.boolean(), fc.array(fc.record({ a: place, b: place, c: place }, { requiredKeys: [] }), { minLength: 3, maxLength: 3 }))
  .map(([byVersion, all]) =>
    all.map((places) => Object.entries(places).map(([feed, value]) => (byVersion ? at(feed, value) : at(feed, null, value)))),
  );

describe("the order of sets of checkpoints", () => {
  it("K1: is antisymmetric, and every set equals itself", () => {
    fc.assert(
      fc.property(sets, ([one = [], other = []]) => {
        expect(compareCheckpoints(one, other)).toBe(OPPOSITE[compareCheckpoints(other, one)]);
        expect(compareCheckpoints(one, one)).toBe("equal");
      }),
    );
  });

  it("K1: is transitive", () => {
    fc.assert(
      fc.property(sets, ([one = [], other = [], third = []]) => {
        const [first, second] = [compareCheckpoints(one, other), compareCheckpoints(other, third)];
        fc.pre(first !== "concurrent" && second !== "concurrent" && (first === second || first === "equal" || second === "equal"));
        expect(compareCheckpoints(one, third)).toBe(first === "equal" ? second : first);
      }),
      { numRuns: 500 },
    );
  });
});
