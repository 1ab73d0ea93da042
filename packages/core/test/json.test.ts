import { findJsonProblem } from "@reactive-domain/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

// A key __proto__ is refused: it would change the object that it is copied to.
const jsonData = fc.jsonValue({ stringUnit: "binary" }).filter((value) => !JSON.stringify(value).includes("__proto__"));

describe("finding what JSON would change", () => {
  it("passes what comes back as it was", () => {
    fc.assert(
      fc.property(jsonData, (value) => {
        expect(findJsonProblem(value)).toBeUndefined();
      }),
    );
  });

  it("passes nothing that comes back as something else", () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withBigInt: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const wrapped = { value };
        fc.pre(findJsonProblem(wrapped) === undefined);
        expect(withoutMinusZero(JSON.parse(JSON.stringify(wrapped)))).toEqual(withoutMinusZero(wrapped));
      }),
    );
  });

  it.each([
    [{ at: new Date(0) }, "$.at", "is an instance of Date, which comes back from JSON as something else: put plain data there"],
    [{ lines: [{ price: Number.NaN }] }, "$.lines[0].price", "is NaN, which JSON turns into null"],
    [{ n: 1n }, "$.n", "is a bigint, which JSON does not have"],
    [[undefined], "$[0]", "is undefined, which JSON does not have"],
    [undefined, "$", "is undefined, which JSON does not have"],
    [JSON.parse('{"deep":{"__proto__":{}}}'), "$.deep", "has a key __proto__, which would change the object it is copied to"],
  ])("tells where and why: %o", (value, path, reason) => {
    expect(findJsonProblem(value)).toEqual({ path, reason });
  });

  it("ends on a value that refers to itself", () => {
    const self: Record<string, unknown> = {};
    self["self"] = self;
    expect(findJsonProblem(self)?.reason).toBe("lies more than 100 levels deep, or refers to itself");
  });

  it("leaves out properties that are undefined, and takes an instance of a class at the root", () => {
    class Root {
      readonly kept = 1;
      readonly leftOut = undefined;
    }
    expect(findJsonProblem(new Root())).toBeUndefined();
  });
});

/** JSON writes minus zero as zero, and objects of any prototype come back as plain ones: neither is a loss. */
function withoutMinusZero(value: unknown): unknown {
  if (typeof value === "number") return value + 0;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, withoutMinusZero(part)]),
  );
}
