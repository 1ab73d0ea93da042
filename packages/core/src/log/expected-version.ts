import { InvalidArgument } from "../errors.ts";
import { version, type Version } from "./version.ts";

/** What a writer believes about a stream: its last version, or one of the words. JSON-safe. */
export type ExpectedVersion = "noStream" | "exists" | "any" | Version;

/** The ways to say what a writer believes about a stream. */
export const ExpectedVersion = {
  /** The stream does not exist (or was deleted). */
  noStream: "noStream",
  /** The stream exists, at whatever version. */
  exists: "exists",
  /** The writer does not care. */
  any: "any",
  /** The stream's last event has this version. */
  exactly: (lastVersion: number): Version => version(lastVersion),
} as const;

/** Checks a value that may come from outside. Errors: `invalid-argument`. */
export function expectedVersion(value: unknown): ExpectedVersion {
  if (value === "noStream" || value === "exists" || value === "any") return value;
  if (typeof value === "number") return version(value);
  throw new InvalidArgument("expectedVersion", "noStream, exists, any or a version", value, "Use ExpectedVersion.");
}
