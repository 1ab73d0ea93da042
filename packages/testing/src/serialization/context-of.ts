import { classOf, definitionOf, metadataOf, type EventBase, type SerializationContext } from "@reactive-domain/foundation";

/** What a serializer is told of an event on its way into a stream. */
export function contextOf(event: EventBase, stream: string): SerializationContext {
  const { id, tenant } = metadataOf(event);
  const { subject } = definitionOf(event);
  const whose: unknown = subject === undefined ? undefined : Reflect.get(event, subject);
  return { stream, eventId: id, type: classOf(event).type, tenant, subject: typeof whose === "string" ? whose : undefined };
}
