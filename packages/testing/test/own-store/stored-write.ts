// #region lines
import { categoryOf, type PageRequest } from "@reactive-domain/persistence/adapter";
import { position, version } from "@reactive-domain/core";
import { recordedEvent, type AppendItem, type NewEvent, type RecordedEvent } from "@reactive-domain/persistence";

/** A write as a line keeps it. One line is one write: it is there whole or not at all. */
export interface StoredWrite {
  readonly timeMs: number;
  readonly appends: readonly { readonly stream: string; readonly events: readonly StoredEvent[] }[];
}

/** An event as JSON keeps it. JSON has no bytes. */
export interface StoredEvent extends Omit<NewEvent, "data"> {
  readonly data: string | { readonly base64: string };
}

export function storedAppend({ stream, events }: AppendItem): StoredWrite["appends"][number] {
  const stored = events.map(({ id, type, schemaVersion, contentType, data, metadata }): StoredEvent => {
    const kept = typeof data === "string" ? data : { base64: Buffer.from(data).toString("base64") };
    return { id, type, schemaVersion, contentType, data: kept, metadata };
  });
  return { stream, events: stored };
}
// #endregion

// #region kept
/** An event with its place. */
export interface KeptEvent {
  readonly stored: StoredEvent;
  readonly stream: string;
  readonly version: number;
  readonly position: number;
  readonly timeMs: number;
}

/** What a reader gets. Nothing that it changes changes what is kept. */
export function recorded({ stored, timeMs, ...place }: KeptEvent): RecordedEvent {
  const data = typeof stored.data === "string" ? stored.data : new Uint8Array(Buffer.from(stored.data.base64, "base64"));
  const time = new Date(timeMs);
  return recordedEvent({
    ...stored,
    stream: place.stream,
    version: version(place.version),
    position: position(place.position),
    time,
    data,
  });
}

/** The size of data and metadata, in bytes of UTF-8. */
export function bytesOf({ stored: { data, metadata } }: KeptEvent): number {
  return Buffer.byteLength(metadata) + (typeof data === "string" ? Buffer.byteLength(data) : Buffer.byteLength(data.base64, "base64"));
}

/** Whether an event is of a source, and its filter lets it through. */
export function isSelected({ stored, stream }: KeptEvent, { source, filter = {} }: PageRequest): boolean {
  const { types, categories, streamPrefix = "", correlationId } = filter;
  if ("category" in source && categoryOf(stream) !== source.category) return false;
  if ("eventType" in source && stored.type !== source.eventType) return false;
  if (types?.includes(stored.type) === false || categories?.includes(categoryOf(stream)) === false) return false;
  return stream.startsWith(streamPrefix) && (correlationId === undefined || correlationOf(stored) === correlationId);
}

/** Metadata is kept as it came: it need not be JSON. */
function correlationOf({ metadata }: StoredEvent): unknown {
  try {
    return (JSON.parse(metadata) as { readonly correlationId?: unknown } | null)?.correlationId;
  } catch {
    return undefined;
  }
}
// #endregion
