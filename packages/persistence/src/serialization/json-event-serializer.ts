import { derivedId, findJsonProblem, InvalidArgument, type MessageMetadata } from "@reactive-domain/core";
import {
  classOf,
  definitionOf,
  EventBase,
  instantiate,
  metadataOf,
  validate,
  type MessageClass,
  type MessageDefinition,
} from "@reactive-domain/messaging";
import { CorruptEvent, NotSerializable, UnknownEventType } from "../errors.ts";
import { JSON_CONTENT_TYPE, type NewEvent, type RecordedEvent } from "../recorded-event.ts";
import type { EventSerializer, SerializationContext } from "./event-serializer.ts";
import { decodeMetadata, encodeMetadata } from "./metadata-json.ts";
import { upcast } from "./upcast.ts";

/**
 * The usual serializer: JSON text, for exactly the listed event classes. An event is held against its schema on the way in, and brought up to its newest shape
 * on the way out.
 *
 * Errors: `invalid-argument` when two classes have one type name.
 */
export function createJsonEventSerializer(events: readonly MessageClass<EventBase>[]): EventSerializer {
  return new JsonEventSerializer(classesByType(events));
}

class JsonEventSerializer implements EventSerializer {
  readonly #readers: ReadonlyMap<string, Reader>;

  constructor(classes: ReadonlyMap<string, MessageClass<EventBase>>) {
    this.#readers = new Map([...classes].map(([type, eventClass]) => [type, { eventClass, definition: definitionOf(eventClass) }]));
  }

  serialize(event: EventBase, context: SerializationContext): NewEvent {
    const eventClass: unknown = classOf(event);
    const { type, version } = definitionOf(event);
    if (this.#readers.get(type)?.eventClass !== eventClass) throw this.#unknown(type, `An event for ${context.stream}`);
    validate(event);
    const metadata = metadataOf(event);
    const problem = findJsonProblem(event) ?? findJsonProblem(metadata.custom ?? null);
    if (problem !== undefined) throw new NotSerializable(type, problem.path, problem.reason);
    const data = JSON.stringify(event);
    return {
      id: metadata.id,
      type,
      schemaVersion: version,
      contentType: JSON_CONTENT_TYPE,
      data,
      metadata: encodeMetadata(metadata, context),
    };
  }

  deserialize(event: RecordedEvent): readonly EventBase[] {
    return this.deserializeAll([event]);
  }

  deserializeAll(events: readonly RecordedEvent[]): readonly EventBase[] {
    const messages: EventBase[] = [];
    for (const event of events) {
      const { type } = event;
      const reader = this.#readers.get(type);
      if (reader === undefined) throw this.#unknown(type, placeOf(event));
      const { eventClass, definition } = reader;
      const payload = parse(event);
      // Nearly all events are of the newest shape.
      if (event.schemaVersion === definition.version) messages.push(instantiate(eventClass, payload, decodeMetadata, event));
      else
        for (const [index, part] of upcast(event, definition, payload).entries())
          messages.push(this.#make(event, { eventClass, payload: part, index }));
    }
    return messages;
  }

  /** The `index`-th message of a stored event. The first has its id; the others have ids that follow from it. */
  #make(event: RecordedEvent, { eventClass, payload, index }: Part): EventBase {
    const metadata = (): MessageMetadata => {
      const decoded = decodeMetadata(event);
      return index === 0 ? decoded : { ...decoded, id: derivedId(event.id, event.type, index) };
    };
    if (!(payload instanceof EventBase)) return instantiate(eventClass, payload, metadata);
    const { type } = definitionOf(payload);
    const other = this.#readers.get(type);
    if (other === undefined) throw this.#unknown(type, `What the upcasters made of ${placeOf(event)}`);
    return instantiate(other.eventClass, Object.assign({}, payload), metadata);
  }

  #unknown(type: string, where: string): UnknownEventType {
    return new UnknownEventType(type, where, [...this.#readers.keys()]);
  }
}

/** What the events of one type are read as. */
interface Reader {
  readonly eventClass: MessageClass<EventBase>;
  readonly definition: MessageDefinition;
}

/** One of the messages that a stored event stands for. */
interface Part {
  readonly eventClass: MessageClass<EventBase>;
  readonly payload: object;
  readonly index: number;
}

function classesByType(events: readonly MessageClass<EventBase>[]): ReadonlyMap<string, MessageClass<EventBase>> {
  const classes = new Map<string, MessageClass<EventBase>>();
  for (const eventClass of events) {
    const other = classes.get(eventClass.type);
    if (other !== undefined && other !== eventClass) {
      throw new InvalidArgument(
        "events",
        "of different type names",
        `two classes of type ${eventClass.type}`,
        "Give one of them another name.",
      );
    }
    classes.set(eventClass.type, eventClass);
  }
  return classes;
}

function parse(event: RecordedEvent): object {
  if (event.contentType !== JSON_CONTENT_TYPE) {
    throw new CorruptEvent(event.type, placeOf(event), `its content type is ${event.contentType}, which this serializer does not know`);
  }
  const text = typeof event.data === "string" ? event.data : Buffer.from(event.data).toString("utf8");
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch (cause) {
    throw new CorruptEvent(event.type, placeOf(event), text === "" ? "it has no data" : "its data is not JSON", cause);
  }
  if (typeof payload === "object" && payload !== null && !Array.isArray(payload)) return payload;
  throw new CorruptEvent(event.type, placeOf(event), "its data is not a JSON object");
}

function placeOf(event: RecordedEvent): string {
  return `Event ${event.version} of ${event.stream} (position ${event.position})`;
}
