import { version, type JsonObject } from "@reactive-domain/core";
import type { StreamMetadata } from "@reactive-domain/persistence";
import { invalidArgument } from "../wire/refusal.ts";

/** What a metadata event says about its stream. */
export interface SaidMetadata {
  readonly metadata: StreamMetadata;
  /** Whether it hides all that the stream has and will ever have: that is how clients know a stream that is deleted. */
  readonly deletes: boolean;
}

const MS_PER_SECOND = 1_000;
/** The place before which a deleted stream is truncated: 2^63 - 1, which no number holds. */
const END_OF_STREAM = "9223372036854775807";

/** What the data of a metadata event says. Errors: invalid argument where it is no JSON object, or says what cannot be. */
export function readMetadataJson(data: string): SaidMetadata {
  const { $maxCount, $maxAge, $tb, ...custom } = parsed(data);
  const maxCount = integerOf("$maxCount", $maxCount, 1);
  const maxAge = integerOf("$maxAge", $maxAge, 1);
  const truncateBefore = integerOf("$tb", $tb, 0);
  const deletes = truncateBefore !== undefined && !Number.isSafeInteger(truncateBefore);
  const metadata = {
    ...(maxCount !== undefined && { maxCount: Math.min(maxCount, Number.MAX_SAFE_INTEGER) }),
    ...(maxAge !== undefined && { maxAgeMs: Math.min(maxAge * MS_PER_SECOND, Number.MAX_SAFE_INTEGER) }),
    ...(truncateBefore !== undefined && !deletes && { truncateBefore: version(truncateBefore) }),
    ...(Object.keys(custom).length > 0 && { custom }),
  };
  return { metadata, deletes };
}

/** The data of a metadata event that says what a store says. */
export function writeMetadataJson({ maxCount, maxAgeMs, truncateBefore, custom }: StreamMetadata, deletes: boolean): string {
  const truncated = deletes ? END_OF_STREAM : truncateBefore?.toString();
  const said = [
    ...(maxCount === undefined ? [] : [`"$maxCount":${maxCount}`]),
    ...(maxAgeMs === undefined ? [] : [`"$maxAge":${Math.ceil(maxAgeMs / MS_PER_SECOND)}`]),
    ...(truncated === undefined ? [] : [`"$tb":${truncated}`]),
    ...Object.entries(custom ?? {}).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`),
  ];
  return `{${said.join()}}`;
}

function parsed(data: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    // Told below, as what is JSON and no object.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidArgument("The metadata of a stream must be a JSON object, but the data of the event is none. Nothing was written.");
  return value as JsonObject;
}

function integerOf(key: string, value: unknown, least: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least)
    throw invalidArgument(`${key} in the metadata of a stream must be an integer from ${least}, but is ${JSON.stringify(value)}.`);
  return value;
}
