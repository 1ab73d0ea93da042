import { describe, expect, test } from "vitest";
import { metadataOf } from "../../src/streams/wire-metadata.ts";

describe("what others say about a stream", () => {
  test.each(["", "no JSON", "null", "[1]", '"text"', "12"])("is nothing where it is no JSON object: %s", (text) => {
    expect(metadataOf(text)).toEqual({ isDeleted: false, metadata: {} });
  });

  test.each([
    { $tb: -1 },
    { $tb: 1.5 },
    { $tb: "1" },
    { $maxCount: 0 },
    { $maxCount: -3 },
    { $maxAge: 0.5 },
    { $maxAge: null },
    { $maxAge: 1e300 },
  ])("is passed over where it cannot be: %j", (said) => {
    expect(metadataOf(JSON.stringify({ ...said, owner: "Ada" }))).toEqual({ isDeleted: false, metadata: { custom: { owner: "Ada" } } });
  });

  test("is taken where it can be", () => {
    expect(metadataOf('{"$tb":3,"$maxCount":5,"$maxAge":7,"owner":"Ada"}')).toEqual({
      isDeleted: false,
      metadata: { truncateBefore: 3, maxCount: 5, maxAgeMs: 7_000, custom: { owner: "Ada" } },
    });
    expect(metadataOf('{"$tb":9223372036854775807}')).toEqual({ isDeleted: true, metadata: {} });
  });
});
