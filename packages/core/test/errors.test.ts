import { AlreadyClosed, describe as described, InvalidArgument, ReactiveDomainError } from "@reactive-domain/core";
import { describe, expect, it } from "vitest";

class OutOfStock extends ReactiveDomainError {
  constructor(cause?: unknown) {
    super("out-of-stock", "There is none left.", { retryable: true, details: { product: "chair" }, cause });
  }
}

describe("an error", () => {
  it("has a code, tells whether a retry helps, and keeps facts and cause", () => {
    const cause = new Error("below");
    const error = new OutOfStock(cause);
    expect(error).toBeInstanceOf(Error);
    const { name, code, message, retryable, details } = error;
    expect({ name, code, message, retryable, details }).toEqual({
      name: "OutOfStock",
      code: "out-of-stock",
      message: "There is none left.",
      retryable: true,
      details: { product: "chair" },
    });
    expect(error.cause).toBe(cause);
    expect("cause" in new OutOfStock()).toBe(false);
  });

  it("about an argument says what, expected, actual and what to do", () => {
    expect(new InvalidArgument("limit", "above 0", -1, "Leave it out for all.").message).toBe(
      "limit must be above 0, but is -1. Leave it out for all.",
    );
  });

  it("about something closed names it", () => {
    expect(new AlreadyClosed("The store").message).toBe("The store is closed. Open a new one, or close it later.");
  });
});

describe("a value in a message", () => {
  it.each([
    ["text", '"text"'],
    ["x".repeat(100), `"${"x".repeat(57)}..."`],
    [null, "null"],
    [undefined, "undefined"],
    [12n, "12"],
    [[1, 2], "an array of 2"],
    [{}, "an object"],
    [Object.create(null), "an object"],
    [new Date(0), "an instance of Date"],
    [() => 1, "a function"],
    [Symbol("s"), "Symbol(s)"],
  ])("is short: %o", (value, expected) => {
    expect(described(value)).toBe(expected);
  });
});
