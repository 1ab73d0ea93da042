import { InvalidArgument } from "@reactive-domain/core";
import { createStreamNameBuilder } from "@reactive-domain/persistence";
import { categoryOf } from "@reactive-domain/persistence/adapter";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const UUID = "0190B6DA-a800-7000-8000-0123456789AB";

describe("stream names", () => {
  it("G1: begin with the type in lower case, and write a UUID as 32 digits", () => {
    const names = createStreamNameBuilder();
    expect(names.forAggregate("TestAggregate", UUID)).toBe("testAggregate-0190b6daa800700080000123456789ab");
    expect(names.forCategory("TestAggregate")).toBe("testAggregate");
    expect(names.prefix).toBe("");
  });

  it("G1: have the prefix in front, in lower case", () => {
    const names = createStreamNameBuilder({ prefix: "UnitTest" });
    expect(names.forAggregate("TestAggregate", UUID)).toBe("unittest.testAggregate-0190b6daa800700080000123456789ab");
    expect(names.forCategory("TestAggregate")).toBe("unittest.testAggregate");
    expect(names.prefix).toBe("unittest.");
  });

  it.each(["", "  ", null, "a.b", "a-b", "1st"])("G2: refuse a prefix that is not one word: %o", (prefix) => {
    expect(() => createStreamNameBuilder({ prefix: prefix as string })).toThrow(InvalidArgument);
  });

  it.each(["", " ", "Test-Aggregate", "Test.Aggregate", "$Test"])("refuse a type that is not one word: %o", (type) => {
    expect(() => createStreamNameBuilder().forAggregate(type, "1")).toThrow(InvalidArgument);
  });

  it.each(["", "  "])("refuse a blank id: %o", (id) => {
    expect(() => createStreamNameBuilder().forAggregate("Test", id)).toThrow("An aggregate's id must be text that is not blank");
  });

  it("tell the category that they belong to, whatever the id is", () => {
    const names = createStreamNameBuilder({ prefix: "unit" });
    fc.assert(
      fc.property(notBlank, (id) => {
        expect(categoryOf(names.forAggregate("Test", id))).toBe(names.forCategory("Test"));
      }),
    );
  });

  it("are different for different aggregates", () => {
    const names = createStreamNameBuilder();
    const type = fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,8}$/);
    fc.assert(
      fc.property(type, type, notBlank, notBlank, (one, other, oneId, otherId) => {
        fc.pre(one !== other || oneId !== otherId);
        expect(names.forAggregate(one, oneId)).not.toBe(names.forAggregate(other, otherId));
      }),
    );
  });
});

const notBlank = fc.string().filter((text) => text.trim() !== "");
