import { findJsonProblem, InvalidArgument } from "@reactive-domain/core";
import { classOf, definitionOf, instantiate, metadataOf, validate, type EventBase, type MessageClass } from "@reactive-domain/messaging";
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
  readonly #classes: ReadonlyMap<string, MessageClass<EventBase>>;

  constructor(classes: ReadonlyMap<string, MessageClass<EventBase>>) {
    this.#classes = classes;
  }

  serialize(event: EventBase, context: SerializationContext): NewEvent {
    const eventClass: unknown = classOf(event);
    const { type, version } = definitionOf(event);
    if (this.#classes.get(type) !== eventClass)
      throw new UnknownEventType(type, `An event for ${context.stream}`, [...this.#classes.keys()]);
    validate(event);
    const metadata = metadataOf(event);
    const problem = findJsonProblem(event) ?? findJsonProblem(metadata.custom ?? null);
    if (problem !== undefined) throw new NotSerializable(type, problem.path, problem.reason);
    const data = JSON.stringify(event);
    return { id: metadata.id, type, schemaVersion: version, contentType: JSON_CONTENT_TYPE, data, metadata: encodeMetadata(metadata) };
  }

  deserialize(event: RecordedEvent): readonly EventBase[] {
    const eventClass = this.#classes.get(event.type);
    if (eventClass === undefined) throw new UnknownEventType(event.type, placeOf(event), [...this.#classes.keys()]);
    const payload = upcast(event, definitionOf(eventClass), parse(event));
    return [instantiate(eventClass, payload, () => decodeMetadata(event))];
  }
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
