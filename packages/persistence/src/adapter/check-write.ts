import { expectedVersion } from "@reactive-domain/core";
import { InvalidWrite } from "../errors.ts";
import type { NewEvent } from "../recorded-event.ts";
import type { WriteItem } from "../write.ts";

/** What a store takes at the most. */
export interface WriteLimits {
  /** The size of an event: bytes of its data and metadata in UTF-8. */
  readonly maxEventBytes: number;
}

export const DEFAULT_MAX_EVENT_BYTES = 1024 * 1024;
const MAX_STREAM_CHARACTERS = 512;
const MAX_TYPE_CHARACTERS = 256;
// NUL, and halves of surrogate pairs that stand alone.
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Refuses what no store takes, before anything is written. Errors: `invalid-write`, `invalid-argument`. */
export function checkWrite(items: readonly WriteItem[], limits: WriteLimits): void {
  if (!Array.isArray(items) || items.length === 0) throw new InvalidWrite("A write", "a list of at least one item", "empty");
  const streams = new Set<string>();
  for (const item of items) {
    if (item.kind !== "append") throw new InvalidWrite("The kind of a write item", "append", JSON.stringify((item as WriteItem).kind));
    checkName(item.stream, "A stream name", MAX_STREAM_CHARACTERS);
    if (streams.has(item.stream)) throw new InvalidWrite("A stream", "named once in a write", `${item.stream}, twice`);
    streams.add(item.stream);
    expectedVersion(item.expectedVersion);
    checkEvents(item.stream, item.events, limits);
  }
}

/** Refuses names that a store cannot keep or that are its own. Errors: `invalid-write`. */
function checkName(name: string, what: string, maxCharacters: number = MAX_STREAM_CHARACTERS): void {
  if (typeof name !== "string" || name.trim() === "")
    throw new InvalidWrite(what, "text that is not blank", JSON.stringify(name) ?? typeof name);
  if (name.length > maxCharacters) throw new InvalidWrite(what, `at most ${maxCharacters} characters long`, `${name.length} long`);
  if (name.startsWith("$")) throw new InvalidWrite(what, "without $ at its start, which is the system's", name);
  if (UNSTORABLE.test(name)) throw new InvalidWrite(what, "well-formed text without NUL", JSON.stringify(name));
}

function checkEvents(stream: string, events: readonly NewEvent[], limits: WriteLimits): void {
  if (!Array.isArray(events) || events.length === 0) throw new InvalidWrite(`The append to ${stream}`, "of at least one event", "empty");
  const ids = events.length > 1 ? new Set<string>() : undefined;
  for (const event of events) {
    checkEvent(event, limits);
    if (ids?.has(event.id) === true) throw new InvalidWrite("An event id", "used once in an append", `${event.id}, twice`);
    ids?.add(event.id);
  }
}

function checkEvent(event: NewEvent, limits: WriteLimits): void {
  if (!UUID.test(event.id)) throw new InvalidWrite("An event id", "a UUID in lower case", JSON.stringify(event.id) ?? typeof event.id);
  checkName(event.type, "An event type", MAX_TYPE_CHARACTERS);
  if (!Number.isSafeInteger(event.schemaVersion) || event.schemaVersion < 1) {
    throw new InvalidWrite(`The schema version of ${event.type}`, "an integer from 1", String(event.schemaVersion));
  }
  checkName(event.contentType, `The content type of ${event.type}`, MAX_TYPE_CHARACTERS);
  if (typeof event.data !== "string" && !(event.data instanceof Uint8Array)) {
    throw new InvalidWrite(`The data of ${event.type}`, "text or bytes", typeof event.data);
  }
  if (typeof event.metadata !== "string") throw new InvalidWrite(`The metadata of ${event.type}`, "JSON text", typeof event.metadata);
  checkSize(event, limits.maxEventBytes);
}

function checkSize({ type, data, metadata }: NewEvent, maxBytes: number): void {
  // UTF-8 takes at most three bytes for a UTF-16 unit: short events need no exact count.
  if ((data.length + metadata.length) * 3 <= maxBytes) return;
  const bytes = (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength) + Buffer.byteLength(metadata);
  if (bytes > maxBytes) throw new InvalidWrite(`The size of ${type}`, `at most ${maxBytes} bytes with its metadata`, `${bytes}`);
}
