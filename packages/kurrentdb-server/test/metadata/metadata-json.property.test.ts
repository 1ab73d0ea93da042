import { version } from "@reactive-domain/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMetadataJson, writeMetadataJson } from "../../src/metadata/metadata-json.ts";

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const custom = fc
  .dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 })
  .filter((keys) => !["$maxCount", "$maxAge", "$tb", "__proto__"].some((key) => Object.hasOwn(keys, key)))
  .map((keys) => JSON.parse(JSON.stringify(keys)) as Record<string, never>);

describe("the data of a metadata event", () => {
  it("says again what it said", () => {
    fc.assert(
      fc.property(
        optional(fc.integer({ min: 1 })),
        optional(fc.integer({ min: 1, max: 1_000_000 })),
        optional(fc.nat()),
        optional(custom),
        (maxCount, maxAge, before, keys) => {
          const metadata = {
            ...(maxCount !== undefined && { maxCount }),
            ...(maxAge !== undefined && { maxAgeMs: maxAge * 1_000 }),
            ...(before !== undefined && { truncateBefore: version(before) }),
            ...(keys !== undefined && { custom: keys }),
          };
          expect(readMetadataJson(writeMetadataJson(metadata, false))).toEqual({ metadata, deletes: false });
        },
      ),
    );
  });

  it("deletes a stream where it hides all that the stream will ever have", () => {
    const data = writeMetadataJson({ maxCount: 3 }, true);
    expect(data).toBe('{"$maxCount":3,"$tb":9223372036854775807}');
    expect(readMetadataJson(data)).toEqual({ metadata: { maxCount: 3 }, deletes: true });
  });

  it.each(["", "[]", "null", "1", '"text"', "{", '{"$maxCount":0}', '{"$maxAge":-1}', '{"$tb":-1}', '{"$tb":1.5}', '{"$maxCount":"3"}'])(
    "is refused in one sentence where it is %s",
    (data) => {
      expect(() => readMetadataJson(data)).toThrow(/must be (a JSON object|an integer from [01]), but/);
    },
  );
});
