import { findJsonProblem, type Position } from "@reactive-domain/core";
import { InvalidWrite } from "../errors.ts";
import type { CheckpointItem, MetadataItem, Settlement, SettleItem, SnapshotItem, WriteItem } from "../write.ts";
import { checkContent, checkEvents, type WriteLimits } from "./check-event.ts";
import { checkInteger, checkLogName, checkName, checkText } from "./check-name.ts";

export const DEFAULT_MAX_EVENT_BYTES = 1024 * 1024;
const MAX_HASH_CHARACTERS = 256;
const OUTCOMES: readonly Settlement["outcome"][] = ["acknowledge", "skip", "retry", "park", "release"];
const EXPECTED_WORDS: readonly unknown[] = ["noStream", "exists", "any"];
const WORDS_THAT_SAY_SOMETHING: readonly unknown[] = ["noStream", "exists"];
const METADATA_KEYS = ["maxCount", "maxAgeMs", "truncateBefore", "custom"];

/** Refuses what no store takes, before anything is done. Errors: `invalid-write`. */
export function checkWrite(items: readonly WriteItem[], limits: WriteLimits): void {
  if (items.length === 0) throw new InvalidWrite("A write", "a list of at least one item", "empty");
  for (const item of items) {
    if (typeof item !== "object" || item === null) throw new InvalidWrite("A write item", "an object", String(item));
    checkItem(item, limits);
  }
  if (items.length > 1) refuseTwice(items);
}

function checkItem(item: WriteItem, limits: WriteLimits): void {
  switch (item.kind) {
    case "append":
      checkStream(item, limits);
      return checkEvents(item.stream, item.events, limits);
    case "delete":
    case "tombstone":
      return checkStream(item, limits);
    case "expect":
      return checkStream(item, limits, WORDS_THAT_SAY_SOMETHING);
    case "metadata":
      return checkMetadata(item, limits);
    case "snapshot":
      return checkSnapshot(item);
    case "checkpoint":
      return checkCheckpoint(item);
    case "settle":
      return checkSettle(item);
    default:
      throw new InvalidWrite(
        "The kind of a write item",
        "append, delete, tombstone, expect, metadata, snapshot, checkpoint or settle",
        JSON.stringify((item as { readonly kind?: unknown }).kind) ?? "missing",
      );
  }
}

function checkStream(
  { stream, expectedVersion: expected }: { readonly stream: string; readonly expectedVersion: unknown },
  { systemStreams }: WriteLimits,
  words = EXPECTED_WORDS,
): void {
  checkLogName(stream, "A stream name", systemStreams);
  if (typeof expected === "number") checkInteger(expected, "An expected version", 0);
  else if (!words.includes(expected)) throw new InvalidWrite("An expected version", `${words.join(", ")} or a version`, String(expected));
}

function checkMetadata({ stream, metadata }: MetadataItem, { systemStreams }: WriteLimits): void {
  checkLogName(stream, "A stream name", systemStreams);
  const what = `The metadata of ${stream}`;
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    throw new InvalidWrite(what, "an object", String(metadata));
  const stray = Object.keys(metadata).find((key) => !METADATA_KEYS.includes(key));
  if (stray !== undefined) throw new InvalidWrite(what, `made of ${METADATA_KEYS.join(", ")}`, `with ${stray}`);
  if (metadata.maxCount !== undefined) checkInteger(metadata.maxCount, "maxCount", 1);
  if (metadata.maxAgeMs !== undefined) checkInteger(metadata.maxAgeMs, "maxAgeMs", 1);
  if (metadata.truncateBefore !== undefined) checkInteger(metadata.truncateBefore, "truncateBefore", 0);
  if (metadata.custom === undefined) return;
  const problem = findJsonProblem(metadata.custom);
  const isObject = metadata.custom !== null && Object.getPrototypeOf(metadata.custom) === Object.prototype;
  if (problem !== undefined || !isObject)
    throw new InvalidWrite(
      `The custom metadata of ${stream}`,
      "a JSON object",
      problem === undefined ? "none" : `one whose ${problem.path} ${problem.reason}`,
    );
}

function checkSnapshot(item: SnapshotItem): void {
  checkName(item.name, "The name of a snapshot");
  checkInteger(item.version, `The version of snapshot ${item.name}`, 0);
  checkText(item.hash, `The hash of snapshot ${item.name}`, MAX_HASH_CHARACTERS);
  checkContent(item, `snapshot ${item.name}`);
}

function checkCheckpoint({ name, expected, position, fence }: CheckpointItem): void {
  checkName(name, "The name of a checkpoint");
  checkPlace(expected, `The expected position of checkpoint ${name}`);
  checkPlace(position, `The new position of checkpoint ${name}`);
  if (fence !== undefined) checkInteger(fence, `The fence of checkpoint ${name}`, 1);
}

function checkPlace(place: Position | null, what: string): void {
  if (place !== null) checkInteger(place, `${what}, unless it is null,`, 0);
}

function checkSettle({ group, deliveries }: SettleItem): void {
  checkName(group, "The name of a consumer group");
  if (!Array.isArray(deliveries) || deliveries.length === 0)
    throw new InvalidWrite(`What is settled in group ${group}`, "a list of at least one delivery", "empty");
  const positions = new Set<number>();
  for (const one of deliveries) {
    if (typeof one !== "object" || one === null) throw new InvalidWrite("A delivery", "an object", String(one));
    checkInteger(one.position, "The position of a delivery", 0);
    checkInteger(one.fence, "The fence of a delivery", 1);
    if (!OUTCOMES.includes(one.outcome)) throw new InvalidWrite("The outcome of a delivery", OUTCOMES.join(", "), String(one.outcome));
    if (one.delayMs !== undefined) checkInteger(one.delayMs, "The delay of a retry, in milliseconds,", 0);
    if (one.error !== undefined && typeof one.error !== "string")
      throw new InvalidWrite("The error of a delivery", "text", typeof one.error);
    if (positions.has(one.position)) throw new InvalidWrite("A delivery", "settled once in a write", `position ${one.position}, twice`);
    positions.add(one.position);
  }
}

/** Each name may occur once: items have no order among each other. */
function refuseTwice(items: readonly WriteItem[]): void {
  const seen = new Set<string>();
  for (const subject of items.flatMap(subjectsOf)) {
    if (seen.has(subject)) throw new InvalidWrite("What a write changes or expects", "named once in it", `${subject}, twice`);
    seen.add(subject);
  }
}

function subjectsOf(item: WriteItem): readonly string[] {
  switch (item.kind) {
    case "append":
    case "expect":
      return [`stream ${item.stream}`];
    case "delete":
    case "tombstone":
      return [`stream ${item.stream}`, `snapshot ${item.stream}`];
    case "metadata":
      return [`the metadata of stream ${item.stream}`];
    case "settle":
      return [`group ${item.group}`];
    default:
      return [`${item.kind} ${item.name}`];
  }
}
