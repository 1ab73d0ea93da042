import * as foundation from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";

interface ErrorClass {
  readonly code?: unknown;
}

const errorClasses = Object.entries(foundation).filter((entry): entry is [string, (typeof entry)[1] & ErrorClass] =>
  isErrorClass(entry[1]),
);

function isErrorClass(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof foundation.ReactiveDomainError;
}

describe("the errors that an application imports", () => {
  it.each(errorClasses)("%s has a code of its own, in words joined by dashes", (_, errorClass) => {
    expect(Object.hasOwn(errorClass, "code")).toBe(true);
    expect(errorClass.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it("have codes that are unique", () => {
    const codes = errorClasses.map(([, { code }]) => code);
    expect(codes.length).toBeGreaterThan(15);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("have codes that say their names", () => {
    const named = errorClasses.map(([name]) => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase());
    expect(errorClasses.map(([, { code }]) => code)).toEqual(named);
  });
});
