import { InvalidArgument } from "@reactive-domain/core";

/** Errors: `invalid-argument` for options that are no object, or have a name that nobody knows. */
export function checkKnownOptions(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw new InvalidArgument(what, "an object", options);
  const stray = Object.keys(options).find((name) => !known.includes(name));
  if (stray !== undefined)
    throw new InvalidArgument(`A name in ${what.charAt(0).toLowerCase()}${what.slice(1)}`, `one of ${known.join(", ")}`, stray);
}
