import { InvalidArgument } from "../errors.ts";

declare const positionBrand: unique symbol;

/** An event's place in the whole log: 0 for the first, given without holes. A safe integer that is never mixed with a {@link Version}. */
export type Position = number & { readonly [positionBrand]: true };

/** A number as a position. Errors: `invalid-argument` unless it is an integer from 0 to 2^53 - 1. */
export function position(value: number): Position {
  if (!isPosition(value)) throw new InvalidArgument("position", "an integer from 0 to 2^53 - 1", value);
  return value;
}

function isPosition(value: number): value is Position {
  return Number.isSafeInteger(value) && value >= 0;
}
