import { createTimeOrderedIds, derivedId, systemClock } from "@reactive-domain/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const UUID_8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("a derived id", () => {
  it("is a UUID of version 8, and the same for the same cause, scope and ordinal", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (id, scope, ordinal) => {
        expect(derivedId(id, scope, ordinal)).toMatch(UUID_8);
        expect(derivedId(id, scope, ordinal)).toBe(derivedId(id, scope, ordinal));
      }),
    );
  });

  it("never changes between versions of this package, since stored events depend on it", () => {
    expect(derivedId("019b76da-a800-7000-8000-000000000000", "banking.account-1", 0)).toMatchInlineSnapshot(
      `"019b76da-a800-8329-8930-7cd5836a0711"`,
    );
    expect(derivedId("order 17", "banking.account-1", 3)).toMatchInlineSnapshot(`"43001e58-3ba1-81fa-bbae-abc7c44e8f81"`);
  });

  it("differs where cause, scope or ordinal does, also where they read the same when put together", () => {
    const parts = fc.tuple(fc.string(), fc.string(), fc.nat(30));
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(derivedId(...one)).not.toBe(derivedId(...other));
      }),
    );
    expect(derivedId("a", "b1", 1)).not.toBe(derivedId("a", "b", 11));
    expect(derivedId("ab", "c", 0)).not.toBe(derivedId("a", "bc", 0));
  });

  it("keeps the time of a time-ordered cause in front, through every generation", () => {
    const id = createTimeOrderedIds(systemClock).next();
    const child = derivedId(id, "stream", 0);
    const grandchild = derivedId(child, "stream", 0);
    expect([child, grandchild].map((one) => one.slice(0, 13))).toEqual([id.slice(0, 13), id.slice(0, 13)]);
    expect(new Set([id, child, grandchild]).size).toBe(3);
  });
});
