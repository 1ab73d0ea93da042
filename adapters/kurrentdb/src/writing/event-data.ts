import { binaryEvent, jsonEvent, type EventData, type JSONType } from "@kurrent/kurrentdb-client";
import { JSON_CONTENT_TYPE, type NewEvent } from "@reactive-domain/persistence";
import { lowerMetadata, lowerToTexts, type ToldContent } from "../wire/event-metadata.ts";

const BINARY_CONTENT_TYPE = "application/octet-stream";

/** An event as the client writes it: JSON as JSON where the client makes the same text of it again, everything else as the bytes that it is. */
export function eventData(event: NewEvent): EventData {
  const { content, ...own } = contentOf(event);
  const text = lowerMetadata(event.metadata, event.schemaVersion, content);
  // Metadata as bytes is sent as it is, whatever it is.
  return { ...own, ...(text !== undefined && { metadata: new Uint8Array(Buffer.from(text)) }) };
}

/** An event for a part of the protocol that takes nothing but texts in metadata. */
export function eventDataWithTexts(event: NewEvent): EventData {
  const { content, ...own } = contentOf(event);
  return { ...own, metadata: lowerToTexts(event.metadata, event.schemaVersion, content) };
}

function contentOf({ id, type, contentType, data }: NewEvent): EventData & { readonly content: ToldContent | undefined } {
  if (typeof data !== "string") {
    const content = contentType === BINARY_CONTENT_TYPE ? undefined : { type: contentType, isText: false };
    return { ...binaryEvent({ id, type, data }), content };
  }
  const parsed = contentType === JSON_CONTENT_TYPE ? parsedSame(data) : undefined;
  if (parsed !== undefined)
    return { ...jsonEvent({ id, type, data: parsed.value as JSONType & Record<string, unknown> }), content: undefined };
  return { ...binaryEvent({ id, type, data: Buffer.from(data) }), content: { type: contentType, isText: true } };
}

/** JSON that is the same text again when it is written. */
function parsedSame(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? { value } : undefined;
  } catch {
    return undefined;
  }
}
