import { version, type JsonObject } from "@reactive-domain/core";
import type { StreamMetadata } from "@reactive-domain/persistence";
import { jsonObjectOf } from "../json-object-of.ts";

const MAX_COUNT = "$maxCount";
/** In seconds. */
const MAX_AGE = "$maxAge";
const TRUNCATE_BEFORE = "$tb";
/** What was said of it when the stream was deleted, which takes its place: `null` for nothing. */
const TOLD_BEFORE = "rd-tb";
/** What a server cannot keep: an age that is no whole number of seconds. */
const MAX_AGE_MS = "rd-max-age-ms";
/** What the application adds, where its keys would be taken for something else. */
const CUSTOM = "rd-custom";
const SECOND_MS = 1_000;

/** What a stream of metadata tells. */
export interface ToldMetadata {
  readonly metadata: StreamMetadata;
  /** Whether it says that the stream was deleted: a server keeps that as a place that no stream reaches. */
  readonly isDeleted: boolean;
}

/** The text of a `$metadata` event in the words of the port. What is none, or says what cannot be, is passed over: others write such events, too. */
export function metadataOf(text: string): ToldMetadata {
  const { [MAX_COUNT]: maxCount, [MAX_AGE]: maxAge, [TRUNCATE_BEFORE]: before, ...rest } = jsonObjectOf(text);
  const { [MAX_AGE_MS]: exact, [CUSTOM]: wrapped, [TOLD_BEFORE]: toldBefore, ...keys } = rest;
  const isDeleted = typeof before === "number" && before > Number.MAX_SAFE_INTEGER;
  const maxAgeMs = integerOf(exact, 1) ?? secondsOf(maxAge);
  const truncateBefore = integerOf(toldBefore === undefined ? before : toldBefore, 0);
  const most = integerOf(maxCount, 1);
  const custom = wrapped ?? (Object.keys(keys).length === 0 ? undefined : keys);
  return {
    isDeleted,
    metadata: {
      ...(most !== undefined && { maxCount: most }),
      ...(maxAgeMs !== undefined && { maxAgeMs }),
      ...(truncateBefore !== undefined && { truncateBefore: version(truncateBefore) }),
      ...(custom !== undefined && { custom: custom as JsonObject }),
    },
  };
}

function integerOf(value: unknown, least: number): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : undefined;
}

function secondsOf(value: unknown): number | undefined {
  const seconds = integerOf(value, 1);
  return seconds === undefined ? undefined : integerOf(seconds * SECOND_MS, 1);
}

/** What is said about a stream as the data of a `$metadata` event: what the server understands, and the rest as it is. */
export function metadataData({ maxCount, maxAgeMs, truncateBefore, custom }: StreamMetadata): JsonObject {
  return {
    ...(custom !== undefined && (isPlain(custom) ? custom : { [CUSTOM]: custom })),
    ...(maxCount !== undefined && { [MAX_COUNT]: maxCount }),
    ...(maxAgeMs !== undefined && { [MAX_AGE]: Math.ceil(maxAgeMs / SECOND_MS) }),
    ...(maxAgeMs !== undefined && maxAgeMs % SECOND_MS !== 0 && { [MAX_AGE_MS]: maxAgeMs }),
    ...(truncateBefore !== undefined && { [TRUNCATE_BEFORE]: truncateBefore }),
  };
}

/** What is said about a stream that is about to be deleted, so that it can be told from what the deletion says. */
export function metadataBeforeDeletion(metadata: StreamMetadata): JsonObject {
  return { ...metadataData(metadata), [TOLD_BEFORE]: metadata.truncateBefore ?? null };
}

/** Whether what an application adds can be told from what it says. */
function isPlain(custom: JsonObject): boolean {
  const keys = Object.keys(custom);
  return keys.length > 0 && !keys.some((key) => key.startsWith("$") || key.startsWith("rd-"));
}
