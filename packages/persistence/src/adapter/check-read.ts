import { InvalidArgument } from "@reactive-domain/core";
import type { Direction, EventFilter, ReadOptions, ReadSource } from "../read.ts";
import type { PageRequest } from "./driver.ts";

const DEFAULT_BATCH_EVENTS = 250;
const MAX_BATCH_EVENTS = 10_000;

/** Checks what a read asks for, and returns its first page's request. Errors: `invalid-argument`. */
export function firstRequest(source: ReadSource, options: ReadOptions): PageRequest {
  const { direction = "forwards", filter, maxBatchEvents = DEFAULT_BATCH_EVENTS } = options;
  checkSource(source);
  checkFilter(filter);
  if (direction !== "forwards" && direction !== "backwards") throw new InvalidArgument("direction", "forwards or backwards", direction);
  checkCount("maxBatchEvents", maxBatchEvents, MAX_BATCH_EVENTS);
  if (options.limit !== undefined) checkCount("limit", options.limit, Number.MAX_SAFE_INTEGER);
  return { source, direction, filter, maxEvents: maxBatchEvents, from: firstCursor(options.from, direction) };
}

function firstCursor(from: ReadOptions["from"], direction: Direction): number | "end" {
  if (from === undefined) return direction === "forwards" ? 0 : "end";
  if (from === "start") return direction === "forwards" ? 0 : -1;
  if (from === "end") return direction === "forwards" ? Number.MAX_SAFE_INTEGER : "end";
  if ("at" in from) return checkCursor("from.at", from.at);
  return checkCursor("from.after", from.after) + (direction === "forwards" ? 1 : -1);
}

function checkCursor(name: string, cursor: number): number {
  if (!Number.isSafeInteger(cursor) || cursor < 0) throw new InvalidArgument(name, "an integer from 0 to 2^53 - 1", cursor);
  return cursor;
}

function checkCount(name: string, count: number, most: number): void {
  if (!Number.isSafeInteger(count) || count < 1 || count > most) throw new InvalidArgument(name, `an integer from 1 to ${most}`, count);
}

function checkSource(source: ReadSource): void {
  const given: unknown = source;
  if (typeof given === "object" && given !== null) {
    const [[key, value] = [], ...others] = Object.entries(given);
    const isNamed = (key === "stream" || key === "category" || key === "eventType") && typeof value === "string" && value !== "";
    if (others.length === 0 && (isNamed || (key === "all" && value === true))) return;
  }
  throw new InvalidArgument("source", "one of { stream }, { category }, { eventType }, each with a name, or { all: true }", source);
}

function checkFilter(filter: EventFilter | undefined): void {
  if (filter?.types !== undefined && !Array.isArray(filter.types))
    throw new InvalidArgument("filter.types", "a list of type names", filter.types);
  if (filter?.streamPrefix !== undefined && typeof filter.streamPrefix !== "string") {
    throw new InvalidArgument("filter.streamPrefix", "text", filter.streamPrefix);
  }
}
