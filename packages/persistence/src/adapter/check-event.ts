import { InvalidWrite } from "../errors.ts";
import type { NewEvent } from "../recorded-event.ts";
import { checkInteger, checkLogName, checkName } from "./check-name.ts";

const MAX_TYPE_CHARACTERS = 256;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What a store takes. */
export interface WriteLimits {
  /** The size of an event: bytes of its data and metadata in UTF-8. */
  readonly maxEventBytes: number;
  /** Whether names of streams and event types may begin with `$`. Default false. */
  readonly systemStreams?: boolean | undefined;
}

/** Refuses what no stream takes. Errors: `invalid-write`. */
export function checkEvents(stream: string, events: readonly NewEvent[], limits: WriteLimits): void {
  if (!Array.isArray(events) || events.length === 0) throw new InvalidWrite(`The append to ${stream}`, "of at least one event", "empty");
  const ids = events.length > 1 ? new Set<string>() : undefined;
  for (const event of events) {
    if (typeof event !== "object" || event === null) throw new InvalidWrite(`An event of ${stream}`, "an object", String(event));
    checkEvent(event, limits);
    if (ids?.has(event.id) === true) throw new InvalidWrite("An event id", "used once in an append", `${event.id}, twice`);
    ids?.add(event.id);
  }
}

function checkEvent(event: NewEvent, { maxEventBytes, systemStreams }: WriteLimits): void {
  if (!isEventId(event.id)) throw new InvalidWrite("An event id", "a UUID in lower case", JSON.stringify(event.id) ?? typeof event.id);
  checkLogName(event.type, "An event type", systemStreams, MAX_TYPE_CHARACTERS);
  checkContent(event, event.type);
  if (typeof event.metadata !== "string") throw new InvalidWrite(`The metadata of ${event.type}`, "JSON text", typeof event.metadata);
  checkWellFormed(event.metadata, `The metadata of ${event.type}`);
  checkSize(event, maxEventBytes);
}

/** Whether something is a UUID in lower case. */
export function isEventId(id: unknown): id is string {
  return typeof id === "string" && UUID.test(id);
}

/** Refuses content that no store keeps. Errors: `invalid-write`. */
export function checkContent(
  { schemaVersion, contentType, data }: Pick<NewEvent, "schemaVersion" | "contentType" | "data">,
  of: string,
): void {
  checkInteger(schemaVersion, `The schema version of ${of}`, 1);
  checkName(contentType, `The content type of ${of}`, MAX_TYPE_CHARACTERS);
  if (typeof data === "string") checkWellFormed(data, `The data of ${of}`);
  else if (!(data instanceof Uint8Array)) throw new InvalidWrite(`The data of ${of}`, "text or bytes", typeof data);
}

/** Half of a surrogate pair has no place in UTF-8: it would not come back. */
function checkWellFormed(text: string, what: string): void {
  if (!text.isWellFormed()) throw new InvalidWrite(what, "well-formed text", "text with half of a surrogate pair in it");
}

function checkSize({ type, data, metadata }: NewEvent, maxEventBytes: number): void {
  // UTF-8 takes at most three bytes for a UTF-16 unit: short events need no exact count.
  if ((data.length + metadata.length) * 3 <= maxEventBytes) return;
  const bytes = bytesOf(data) + Buffer.byteLength(metadata);
  if (bytes > maxEventBytes)
    throw new InvalidWrite(`The size of ${type}`, `at most ${maxEventBytes} bytes with its metadata`, `${bytes}`, { maxEventBytes });
}

/** The size of data, in bytes of UTF-8 where it is text. */
export function bytesOf(data: string | Uint8Array): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
}
