import { derivedId, findJsonProblem, InvalidArgument, type MessageMetadata } from "@reactive-domain/core";
import { classOf, definitionOf, EventBase, instantiate, metadataOf, validate, type MessageClass } from "@reactive-domain/messaging";
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
    const eventClass = this.#classes.get(event.type);
    if (eventClass === undefined) throw new UnknownEventType(event.type, placeOf(event), [...this.#classes.keys()]);
    return upcast(event, definitionOf(eventClass), parse(event)).map((payload, index) => this.#make(event, { eventClass, payload, index }));
  }

  /** The `index`-th message of a stored event. The first has its id; the others have ids that follow from it. */
  #make(event: RecordedEvent, { eventClass, payload, index }: Part): EventBase {
    const metadata = (): MessageMetadata => {
      const decoded = decodeMetadata(event);
      return index === 0 ? decoded : { ...decoded, id: derivedId(event.id, event.type, index) };
    };
    if (!(payload instanceof EventBase)) return instantiate(eventClass, payload, metadata);
    const { type } = definitionOf(payload);
    const other = this.#classes.get(type);
    if (other === undefined) throw new UnknownEventType(type, `What the upcasters made of ${placeOf(event)}`, [...this.#classes.keys()]);
    return instantiate(other, Object.assign({}, payload), metadata);
  }
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
