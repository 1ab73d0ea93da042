import type { EventBase } from "@reactive-domain/messaging";
import type { RecordedEvent } from "@reactive-domain/persistence";
import type { EventFeed } from "./event-feed.ts";

const SYSTEM = "$";

/**
 * What a stored event of a feed says. Streams and event types of the system belong to no context: where names have no prefix, a feed of all events meets them, and
 * passes over them.
 */
export function messagesOf({ serializer }: EventFeed, recorded: RecordedEvent): ReturnType<EventFeed["serializer"]["deserialize"]> {
  const isSystem = recorded.stream.startsWith(SYSTEM) || recorded.type.startsWith(SYSTEM);
  return isSystem ? NOTHING : serializer.deserialize(recorded);
}

const NOTHING: readonly EventBase[] = [];
