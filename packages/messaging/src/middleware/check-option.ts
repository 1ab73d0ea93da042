import { checkObject, InvalidArgument } from "@reactive-domain/core";

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

/** What a step was made with. Errors: `invalid-argument`. */
export function checkOptions(step: string, options: object): void {
  checkObject(`options of ${step}`, options);
}

/** Errors: `invalid-argument`. */
export function checkBoolean(what: string, value: boolean): void {
  if (typeof value !== "boolean") throw new InvalidArgument(what, "true or false", value);
}

/** Errors: `invalid-argument`. */
export function checkOneOf(what: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new InvalidArgument(what, known.join(", "), value);
}
