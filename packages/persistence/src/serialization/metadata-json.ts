import type { MessageMetadata } from "@reactive-domain/core";
import { CorruptEvent } from "../errors.ts";
import type { RecordedEvent } from "../recorded-event.ts";
import type { SerializationContext } from "./event-serializer.ts";

/** The metadata of a message as a store keeps it, with what is known of its way there: the id stands in the event itself. */
export function encodeMetadata(metadata: MessageMetadata, { actor, tenant, commitId, aggregate }: SerializationContext): string {
  const { id: _, ...kept } = metadata;
  return JSON.stringify({ actor, tenant, ...kept, commitId, aggregate });
}

/** The metadata of a stored event's message. What another writer left out is filled in: its own id as correlation id, the time of its commit. */
export function decodeMetadata(event: RecordedEvent): MessageMetadata {
  const kept = parse(event);
  return { correlationId: event.id, timeMs: event.time.getTime(), ...kept, id: event.id };
}

function parse(event: RecordedEvent): Partial<MessageMetadata> {
  let kept: unknown;
  try {
    kept = event.metadata === "" ? {} : JSON.parse(event.metadata);
  } catch (cause) {
    throw new CorruptEvent(event.type, `Event ${event.version} of ${event.stream}`, "its metadata is not JSON", cause);
  }
  return typeof kept === "object" && kept !== null ? kept : {};
}
