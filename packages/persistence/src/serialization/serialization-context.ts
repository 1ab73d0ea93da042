import { definitionOf, metadataOf, type EventBase } from "@reactive-domain/messaging";
import type { SerializationContext } from "./event-serializer.ts";

/** What is known of an event's way into a store besides itself. */
export type EventDestination = Pick<SerializationContext, "stream"> &
  Partial<Pick<SerializationContext, "actor" | "tenant" | "commitId" | "aggregate">>;

/** What a serializer is told of an event that goes to a stream. Its own actor and tenant stand above those of its way. */
export function serializationContextOf(event: EventBase, destination: EventDestination): SerializationContext {
  const { id, tenant = destination.tenant, actor = destination.actor } = metadataOf(event);
  const { type, subject } = definitionOf(event);
  const whose: unknown = subject === undefined ? undefined : Reflect.get(event, subject);
  const { stream, commitId, aggregate } = destination;
  return { stream, eventId: id, type, tenant, actor, commitId, aggregate, subject: typeof whose === "string" ? whose : undefined };
}
