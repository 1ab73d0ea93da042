import { InvalidArgument } from "@reactive-domain/core";

/** Holds when something is asked for: behind a place, counted in a unit, or at a time. Errors: `invalid-argument`. */
export function checkAsOf(asOf: unknown, unit: "version" | "position"): void {
  const [[key, value] = [], ...others] = typeof asOf === "object" && asOf !== null ? Object.entries(asOf) : [];
  if (others.length > 0 || !(key === unit || key === "time"))
    throw new InvalidArgument("asOf", `either { ${unit} } or { time }`, others.length > 0 ? Object.keys(asOf as object).join(", ") : asOf);
  if (key === unit && !(Number.isSafeInteger(value) && (value as number) >= 0))
    throw new InvalidArgument(`asOf.${unit}`, "an integer from 0 to 2^53 - 1", value);
  if (key === "time" && !(value instanceof Date && Number.isFinite(value.getTime())))
    throw new InvalidArgument("asOf.time", "a valid Date", value);
}
