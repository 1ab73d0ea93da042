import { describe } from "@reactive-domain/core";
import { shownError } from "./shown.ts";

/** How a refusal is expected: by its class, by an error of the same class, code and message, or by its code. */
export type ExpectedRefusal = (abstract new (...args: never[]) => Error) | Error | { readonly code: string };

/** Whether a function is a class of errors, and not an assertion. */
function isErrorClass(value: unknown): value is abstract new (...args: never[]) => Error {
  return typeof value === "function" && (value === Error || value.prototype instanceof Error);
}

export function isRefusal(value: unknown): value is ExpectedRefusal {
  if (isErrorClass(value) || value instanceof Error) return true;
  return hasOnly(value, "code") && typeof codeOf(value) === "string";
}

/** Whether something is a plain object with this key and no other: an event may have a field of that name, too. */
export function hasOnly(value: unknown, key: string): boolean {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).join() === key
  );
}

/** An expected refusal in words. */
export function shownRefusal(expected: ExpectedRefusal): string {
  if (isErrorClass(expected)) return expected.name;
  return expected instanceof Error ? shownError(expected) : `the code ${expected.code}`;
}

/**
 * Whether what was thrown is the refusal that was expected. Derived classes count, but not of `Error` itself: every bug that throws would pass.
 */
export function isRefusedAs(thrown: unknown, expected: ExpectedRefusal): boolean {
  if (isErrorClass(expected)) return expected === Error ? isExactly(thrown, Error) : thrown instanceof expected;
  if (!(expected instanceof Error)) return codeOf(thrown) === expected.code;
  return isExactly(thrown, expected.constructor) && codeOf(thrown) === codeOf(expected) && (thrown as Error).message === expected.message;
}

/** A refusal as plain data, for the diff that a test runner shows. */
export function plainRefusal(refusal: unknown): unknown {
  if (isErrorClass(refusal)) return { error: refusal.name };
  if (!(refusal instanceof Error)) return describe(refusal);
  return { error: refusal.constructor.name, code: codeOf(refusal), message: refusal.message };
}

function isExactly(thrown: unknown, errorClass: unknown): boolean {
  return thrown instanceof Error && thrown.constructor === errorClass;
}

function codeOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
}
