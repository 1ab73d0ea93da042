import { InvalidArgument } from "@reactive-domain/core";

/** Errors: `invalid-argument` for what is no object, which options are, or a list. */
export function checkObject(what: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new InvalidArgument(what, "an object", value);
}
