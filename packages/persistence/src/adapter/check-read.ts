import { InvalidArgument } from "@reactive-domain/core";
import type { Direction, EventFilter, ReadOptions, ReadSource, UpTo } from "../read.ts";
import type { PageRequest } from "./driver.ts";

const MAX_BATCH_EVENTS = 10_000;
const DEFAULT_BATCH_BYTES = 4 * 1024 * 1024;
const FILTER_LISTS = ["types", "categories"] as const;
const FILTER_TEXTS = ["streamPrefix", "correlationId"] as const;

/** Checks what a read asks for, and returns its first page's request. Errors: `invalid-argument`. */
export function firstRequest(source: ReadSource, options: ReadOptions, batchEvents: number): PageRequest {
  const { direction = "forwards", filter, maxBatchEvents = batchEvents, maxBatchBytes = DEFAULT_BATCH_BYTES } = options;
  checkSource(source);
  checkFilter(filter);
  checkUpTo(options.upTo, source);
  if (direction !== "forwards" && direction !== "backwards") throw new InvalidArgument("direction", "forwards or backwards", direction);
  checkCount("maxBatchEvents", maxBatchEvents, MAX_BATCH_EVENTS);
  checkCount("maxBatchBytes", maxBatchBytes, Number.MAX_SAFE_INTEGER);
  if (options.limit !== undefined) checkCount("limit", options.limit, Number.MAX_SAFE_INTEGER);
  return {
    source: { ...source },
    direction,
    filter,
    maxEvents: maxBatchEvents,
    maxBytes: maxBatchBytes,
    from: firstCursor(options.from, direction),
  };
}

function firstCursor(from: ReadOptions["from"], direction: Direction): number | "end" {
  if (from === undefined) return direction === "forwards" ? 0 : "end";
  if (from === "start") return direction === "forwards" ? 0 : -1;
  if (from === "end") return direction === "forwards" ? Number.MAX_SAFE_INTEGER : "end";
  if (typeof from !== "object" || from === null || !("at" in from || "after" in from))
    throw new InvalidArgument("from", "start, end, at(place) or after(place)", from);
  if ("at" in from) return checkCursor("from.at", from.at);
  return checkCursor("from.after", from.after) + (direction === "forwards" ? 1 : -1);
}

/** Errors: `invalid-argument` unless it is an integer from 0. */
export function checkCursor(name: string, cursor: number): number {
  if (!Number.isSafeInteger(cursor) || cursor < 0) throw new InvalidArgument(name, "an integer from 0 to 2^53 - 1", cursor);
  return cursor;
}

/** Errors: `invalid-argument` unless it is an integer within the bounds. */
export function checkCount(name: string, count: number, most: number, least = 1): void {
  if (!Number.isSafeInteger(count) || count < least || count > most)
    throw new InvalidArgument(name, `an integer from ${least} to ${most}`, count);
}

/** Checks what is read. Errors: `invalid-argument`. */
export function checkSource(source: ReadSource): void {
  const given: unknown = source;
  if (typeof given === "object" && given !== null) {
    const [[key, value] = [], ...others] = Object.entries(given);
    const isNamed = (key === "stream" || key === "category" || key === "eventType") && typeof value === "string" && value !== "";
    if (others.length === 0 && (isNamed || (key === "all" && value === true))) return;
  }
  throw new InvalidArgument("source", "one of { stream }, { category }, { eventType }, each with a name, or { all: true }", source);
}

/** Checks what is left out. Errors: `invalid-argument`. */
export function checkFilter(filter: EventFilter | undefined): void {
  if (filter === undefined) return;
  if (typeof filter !== "object" || filter === null) throw new InvalidArgument("filter", "an object", filter);
  const stray = Object.keys(filter).find((key) => ![...FILTER_LISTS, ...FILTER_TEXTS].includes(key as (typeof FILTER_LISTS)[number]));
  if (stray !== undefined)
    throw new InvalidArgument(`filter.${stray}`, `one of ${[...FILTER_LISTS, ...FILTER_TEXTS].join(", ")}`, "another key");
  for (const key of FILTER_LISTS) {
    const list: unknown = filter[key];
    const isList = Array.isArray(list) && list.every((one) => typeof one === "string");
    if (list !== undefined && !isList) throw new InvalidArgument(`filter.${key}`, "a list of names", list);
  }
  for (const key of FILTER_TEXTS) {
    if (filter[key] !== undefined && typeof filter[key] !== "string") throw new InvalidArgument(`filter.${key}`, "text", filter[key]);
  }
}

function checkUpTo(upTo: UpTo | undefined, source: ReadSource): void {
  if (upTo === undefined) return;
  if (typeof upTo !== "object" || upTo === null || !("time" in upTo || "version" in upTo || "position" in upTo))
    throw new InvalidArgument("upTo", "one of { version }, { position } and { time }", upTo);
  if ("time" in upTo) {
    if (!(upTo.time instanceof Date) || Number.isNaN(upTo.time.getTime()))
      throw new InvalidArgument("upTo.time", "a valid Date", upTo.time);
  } else if ("version" in upTo) {
    if (!("stream" in source)) throw new InvalidArgument("upTo", "a position or a time, unless a stream is read", upTo);
    checkCursor("upTo.version", upTo.version);
  } else {
    checkCursor("upTo.position", upTo.position);
  }
}
