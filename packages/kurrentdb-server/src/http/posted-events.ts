import type { IncomingHttpHeaders } from "node:http";
import { JSON_CONTENT_TYPE } from "@reactive-domain/persistence";
import type { ProposedMessage } from "../wire/proposed-event.ts";
import { HttpRefusal } from "./http-refusal.ts";

const BYTES = "application/octet-stream";
const SEVERAL = ["application/vnd.eventstore.events+json", "application/vnd.kurrent.events+json"];
const PREFIXES = ["es-", "kurrent-"];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A header that says how an append is meant, by what its names have in common. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  return PREFIXES.map((prefix) => headers[prefix + name]).find((value) => typeof value === "string");
}

/** Whether the body is what one event holds, and the headers tell the rest of it. */
export function isOneEvent(headers: IncomingHttpHeaders): boolean {
  return !SEVERAL.includes(contentTypeOf(headers));
}

/** The events of a body. Errors: {@link HttpRefusal} 400, 415. */
export function proposedIn(headers: IncomingHttpHeaders, body: Buffer, eventId: string | undefined): readonly ProposedMessage[] {
  const contentType = contentTypeOf(headers);
  if (SEVERAL.includes(contentType)) return listed(parsed(body));
  if (contentType !== JSON_CONTENT_TYPE && contentType !== BYTES)
    throw new HttpRefusal(415, `The content type must be one of ${[JSON_CONTENT_TYPE, BYTES, ...SEVERAL].join(", ")}.`);
  const type = headerOf(headers, "eventtype");
  if (type === undefined || type === "") throw new HttpRefusal(400, "The event has no type. Tell it in the header ES-EventType.");
  if (contentType === JSON_CONTENT_TYPE) parsed(body);
  return [{ id: idOf(eventId), type, contentType, data: body }];
}

function contentTypeOf(headers: IncomingHttpHeaders): string {
  return (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new HttpRefusal(400, "The body must be JSON, but is not.");
  }
}

function listed(body: unknown): readonly ProposedMessage[] {
  if (!Array.isArray(body) || body.length === 0)
    throw new HttpRefusal(400, "The body must be a list of events, each with eventId, eventType and data.");
  return body.map((one: unknown, index) => listedEvent(one, index));
}

function listedEvent(one: unknown, index: number): ProposedMessage {
  const { eventId, eventType, data, metadata } = (typeof one === "object" && one !== null ? one : {}) as Readonly<Record<string, unknown>>;
  if (typeof eventType !== "string" || eventType === "")
    throw new HttpRefusal(400, `Event ${index} of the body has no eventType, which must be text.`);
  return {
    id: idOf(eventId),
    type: eventType,
    contentType: JSON_CONTENT_TYPE,
    data: jsonBytes(data ?? null),
    ...(metadata !== undefined && metadata !== null && { metadata: jsonBytes(metadata) }),
  };
}

function idOf(id: unknown): string {
  if (typeof id === "string" && UUID.test(id)) return id.toLowerCase();
  throw new HttpRefusal(400, "The id of an event must be a UUID, in the header ES-EventId or as eventId, but is not.");
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
