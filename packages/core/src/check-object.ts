import { InvalidArgument } from "./errors.ts";

/** Errors: `invalid-argument` for what is no object, which options are, or a list. */
export function checkObject(what: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new InvalidArgument(what, "an object", value);
}

/** Errors: `invalid-argument` for options that are no object, or have a key that nobody knows. */
export function checkKeys(what: string, value: unknown, known: readonly string[]): void {
  checkObject(`The ${what}`, value);
  const stray = Object.keys(value as object).find((key) => !known.includes(key));
  if (stray !== undefined) throw new InvalidArgument(`A key of the ${what}`, `one of ${known.join(", ")}`, stray);
}
