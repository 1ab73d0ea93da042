import type { JsonObject, JsonValue } from "@reactive-domain/core";
import type { StreamInfo } from "@reactive-domain/persistence";

const MAX_COUNT = "$maxCount";
const MAX_AGE = "$maxAge";
const TRUNCATE_BEFORE = "$tb";
const MS_PER_SECOND = 1_000;
/** What clients write to delete a stream: 2^63 - 1, which no number here can be. */
const ALL_EVENTS = 2 ** 63;
const ALL_EVENTS_TEXT = "9223372036854775807";

/** What holds of a stream in the words of the wire, `undefined` for nothing. `told` is what its last event of metadata says. */
export function saidOf(info: StreamInfo, told: JsonObject | undefined): JsonObject | undefined {
  const { state, metadata, firstVersion, lastVersion } = info;
  const { maxCount, maxAgeMs, truncateBefore, custom } = metadata;
  const wasDeleted = told !== undefined && told[TRUNCATE_BEFORE] === ALL_EVENTS;
  const begin = wasDeleted ? (firstVersion ?? (lastVersion ?? -1) + 1) : truncateBefore;
  const shownFrom = state === "deleted" && !isEmptied(info) ? ALL_EVENTS : begin;
  const said: Record<string, JsonValue | undefined> = {
    ...custom,
    ...(maxCount !== undefined && { [MAX_COUNT]: maxCount }),
    ...(maxAgeMs !== undefined && { [MAX_AGE]: Math.ceil(maxAgeMs / MS_PER_SECOND) }),
    ...(shownFrom !== undefined && { [TRUNCATE_BEFORE]: shownFrom }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

/** Whether a deleted stream was given metadata by a client since: then it is there again, without events. */
export function isEmptied({ state, metadata, lastVersion }: StreamInfo): boolean {
  return state === "deleted" && (metadata.truncateBefore ?? 0) > (lastVersion ?? -1);
}

/** Metadata as JSON text. */
export function metadataText(said: JsonObject): string {
  if (said[TRUNCATE_BEFORE] !== ALL_EVENTS) return JSON.stringify(said);
  const { [TRUNCATE_BEFORE]: _all, ...rest } = said;
  const text = JSON.stringify(rest);
  return `${text.slice(0, -1)}${text === "{}" ? "" : ","}"${TRUNCATE_BEFORE}":${ALL_EVENTS_TEXT}}`;
}
