import { InvalidArgument } from "@reactive-domain/core";

/**
 * Holds that options are an object with these names and no other: a slip in a name would be passed over.
 *
 * Errors: `invalid-argument`.
 */
export function checkOptions(what: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw new InvalidArgument(what, "an object", options);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new InvalidArgument(what, `of ${names.join(", ")}`, unknown);
}

/** Whether something is an object that can do all of this. */
export function hasMethods(value: unknown, names: readonly string[]): boolean {
  return typeof value === "object" && value !== null && names.every((name) => typeof Reflect.get(value, name) === "function");
}
