import type { EventBase } from "@reactive-domain/messaging";
import type { RecordedEvent } from "../recorded-event.ts";
import type { EventSerializer } from "./event-serializer.ts";

/** The messages of stored events, in their order; waits only where the serializer does. Errors: those of the serializer. */
export function deserializeAll(
  serializer: EventSerializer,
  events: readonly RecordedEvent[],
): readonly EventBase[] | Promise<readonly EventBase[]> {
  return serializer.deserializeAll === undefined ? oneByOne(serializer, events) : serializer.deserializeAll(events);
}

async function oneByOne(serializer: EventSerializer, events: readonly RecordedEvent[]): Promise<readonly EventBase[]> {
  const messages: EventBase[] = [];
  for (const event of events) for (const message of await serializer.deserialize(event)) messages.push(message);
  return messages;
}
