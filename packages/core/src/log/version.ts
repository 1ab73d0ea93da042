import { InvalidArgument } from "../errors.ts";

declare const versionBrand: unique symbol;

/** An event's number in its stream: 0 for the first, without holes. A safe integer that is never mixed with a {@link Position}. */
export type Version = number & { readonly [versionBrand]: true };

/** A number as a version. Errors: `invalid-argument` unless it is an integer from 0 to 2^53 - 1. */
export function version(value: number): Version {
  if (!isVersion(value)) throw new InvalidArgument("version", "an integer from 0 to 2^53 - 1", value);
  return value;
}

function isVersion(value: number): value is Version {
  return Number.isSafeInteger(value) && value >= 0;
}
