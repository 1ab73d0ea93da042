import { currentRuntime } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type NewEvent } from "@reactive-domain/persistence";

/** An event with an id of its own, as a serializer makes it. */
export function newEvent(type: string, payload: unknown, correlationId = "c-1"): NewEvent {
  const id = currentRuntime().ids.next();
  const [data, metadata] = [JSON.stringify(payload), JSON.stringify({ correlationId })];
  return { id, type, schemaVersion: 1, contentType: JSON_CONTENT_TYPE, data, metadata };
}
