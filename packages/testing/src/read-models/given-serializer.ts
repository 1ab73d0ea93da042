import { isDeepStrictEqual } from "node:util";
import { InvalidArgument } from "@reactive-domain/core";
import {
  classOf,
  createJsonEventSerializer,
  type BoundedContext,
  type EventBase,
  type EventSerializer,
  type NewEvent,
  type RecordedEvent,
  type SerializationContext,
} from "@reactive-domain/foundation";
import { JSON_CONTENT_TYPE } from "@reactive-domain/persistence";
import { cloneOf } from "../specification/subject.ts";
import { payloadOf } from "../specification/shown.ts";

/** Hands given events to handlers as they are, and sees what handlers do to events. */
export class GivenSerializer implements EventSerializer {
  readonly #inner: EventSerializer;
  readonly #handed = new Map<EventBase, unknown>();

  constructor(inner: EventSerializer) {
    this.#inner = inner;
  }

  serialize(event: EventBase, context: SerializationContext): NewEvent | Promise<NewEvent> {
    return this.#inner.serialize(event, context);
  }

  async deserialize(recorded: RecordedEvent): Promise<readonly EventBase[]> {
    const events = await this.#inner.deserialize(recorded);
    for (const event of events) this.#handed.set(event, this.#handed.get(event) ?? cloneOf(payloadOf(event))?.value);
    return events;
  }

  /** An event that is not as it was handed out, and how it was. */
  damaged(): { readonly event: EventBase; readonly before: unknown } | undefined {
    for (const [event, before] of this.#handed)
      if (before !== undefined && !isDeepStrictEqual(payloadOf(event), before)) return { event, before };
    return undefined;
  }
}

/** The serializer of a context, by JSON; without one, events stay what they are. */
export function serializerFor(context: BoundedContext | undefined): EventSerializer {
  return context === undefined ? new InstanceSerializer() : createJsonEventSerializer(context.events);
}

/** Keeps instances by their ids. */
class InstanceSerializer implements EventSerializer {
  readonly #events = new Map<string, EventBase>();

  serialize(event: EventBase, { eventId: id }: SerializationContext): NewEvent {
    this.#events.set(id, event);
    return { id, type: classOf(event).type, schemaVersion: 1, contentType: JSON_CONTENT_TYPE, data: "{}", metadata: "{}" };
  }

  deserialize({ id }: RecordedEvent): readonly EventBase[] {
    const event = this.#events.get(id);
    if (event === undefined) throw new InvalidArgument("id", "that of a given event", id);
    return [event];
  }
}
