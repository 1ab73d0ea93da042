import { ExpectedVersion, expectedVersion, InvalidArgument, position, version } from "@reactive-domain/core";
import { describe, expect, it } from "vitest";

describe("versions and positions", () => {
  it.each([0, 1, Number.MAX_SAFE_INTEGER])("are integers from 0: %d", (value) => {
    expect([version(value), position(value), ExpectedVersion.exactly(value)]).toEqual([value, value, value]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("are nothing else: %d", (value) => {
    expect(() => version(value)).toThrow(InvalidArgument);
    expect(() => position(value)).toThrow(InvalidArgument);
    expect(() => ExpectedVersion.exactly(value)).toThrow(`version must be an integer from 0 to 2^53 - 1, but is ${value}.`);
  });
});

describe("an expected version", () => {
  it("is a word or a version, and survives JSON", () => {
    const { noStream, exists, any } = ExpectedVersion;
    for (const one of [noStream, exists, any, ExpectedVersion.exactly(3)]) {
      expect(expectedVersion(JSON.parse(JSON.stringify(one)))).toBe(one);
    }
  });

  it.each(["none", -1, null, undefined, {}])("is nothing else: %o", (value) => {
    expect(() => expectedVersion(value)).toThrow(InvalidArgument);
  });
});
