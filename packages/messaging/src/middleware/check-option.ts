import { InvalidArgument } from "@reactive-domain/core";

/** Errors: `invalid-argument`. */
export function checkCount(what: string, value: number, min = 1): void {
  if (!Number.isSafeInteger(value) || value < min) throw new InvalidArgument(what, `an integer from ${min}`, value);
}

/** Errors: `invalid-argument`. */
export function checkPositive(what: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgument(what, "a number above 0", value);
}

/** Errors: `invalid-argument`. */
export function checkFunction(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") throw new InvalidArgument(what, "a function", value);
}
