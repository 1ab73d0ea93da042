import { InvalidToken, mergeTokens } from "@reactive-domain/foundation";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../banking.ts";

const MARKS = ["AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAB", "-_-_-_-_-_-_-_-_", "zzzzzzzzzzzzzzzz", "0123456789abcdef"];
const position = fc.oneof(fc.nat(20), fc.maxSafeNat());
const coverage = fc.dictionary(fc.constantFrom(...MARKS), position);
const token = coverage.map(textOf);

/** As the form is described. */
function textOf(parts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(parts).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return ["rd1", ...sorted.map(([mark, place]) => `${mark}.${place}`)].join("~");
}

describe("tokens", () => {
  it("come through being parsed and written unchanged, and cover of each log the furthest position", () => {
    fc.assert(
      fc.property(coverage, coverage, (one, other) => {
        expect(mergeTokens(textOf(one))).toBe(textOf(one));
        const furthest = Object.keys({ ...one, ...other }).map((mark) => [mark, Math.max(one[mark] ?? 0, other[mark] ?? 0)]);
        expect(mergeTokens(textOf(one), textOf(other))).toBe(textOf(Object.fromEntries(furthest) as Record<string, number>));
      }),
    );
  });

  it("merge in any order, in any grouping, and any number of times", () => {
    fc.assert(
      fc.property(token, token, token, (one, two, three) => {
        expect(mergeTokens(one, two)).toBe(mergeTokens(two, one));
        expect(mergeTokens(mergeTokens(one, two), three)).toBe(mergeTokens(one, mergeTokens(two, three)));
        expect(mergeTokens(one, two, three)).toBe(mergeTokens(mergeTokens(one, two), three));
        expect(mergeTokens(one, one)).toBe(one);
        expect(mergeTokens(one, mergeTokens())).toBe(one);
      }),
    );
  });

  it("are refused as one error, or taken as they are: rubbish, and tokens with a character changed, more or less", () => {
    const damaged = fc
      .tuple(token, fc.nat(60), fc.constantFrom("", "~", ".", "-", "0", "9", "A", " ", "\n", "é"), fc.nat(2))
      .map(([text, at, put, length]) => text.slice(0, at) + put + text.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 40 }), damaged), (text) => {
        const refusal = refusalOf(() => {
          expect(mergeTokens(text)).toBe(text);
          throw new InvalidToken(text, "");
        });
        expect(refusal).toBeInstanceOf(InvalidToken);
      }),
      { numRuns: 200 },
    );
  });
});
