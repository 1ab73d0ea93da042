import { InvalidArgument } from "@reactive-domain/core";

/** Holds what an aggregate is asked for `asOf`. Errors: `invalid-argument`. */
export function checkAsOf(asOf: unknown): void {
  if (asOf === undefined) return;
  const [[key, value] = [], ...others] = typeof asOf === "object" && asOf !== null ? Object.entries(asOf) : [];
  if (others.length > 0 || !(key === "version" || key === "time"))
    throw new InvalidArgument("asOf", "either { version } or { time }", others.length > 0 ? Object.keys(asOf as object).join(", ") : asOf);
  if (key === "version" && !(Number.isSafeInteger(value) && (value as number) >= 0))
    throw new InvalidArgument("asOf.version", "an integer from 0 to 2^53 - 1", value);
  if (key === "time" && !(value instanceof Date && Number.isFinite(value.getTime())))
    throw new InvalidArgument("asOf.time", "a valid Date", value);
}
