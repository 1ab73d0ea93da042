import { inspect } from "node:util";
import type { Position, Version } from "@reactive-domain/core";

/** The content type of events whose data is JSON text. */
export const JSON_CONTENT_TYPE = "application/json";

/** An event on its way into a store: already serialised. */
export interface NewEvent {
  /** A UUID. Within a stream it identifies the event: written again, it is recognised. */
  readonly id: string;
  /** The stored type name, 1 to 256 characters. */
  readonly type: string;
  /** Version of the data's shape, from 1. */
  readonly schemaVersion: number;
  /** `application/json` for JSON text; anything else for bytes or other text. */
  readonly contentType: string;
  /** The payload, stored verbatim. */
  readonly data: string | Uint8Array;
  /** JSON text of an object, stored verbatim. */
  readonly metadata: string;
}

/** All that a store knows of an event. */
export interface RecordedEventFields extends NewEvent {
  readonly stream: string;
  /** Its number in the stream. */
  readonly version: Version;
  /** Its place in the whole log. */
  readonly position: Position;
  /** When it was committed, by the store's clock. Nothing is ordered by it. */
  readonly time: Date;
}

/**
 * An event as a store gives it back. A store may decode a field when it is asked for: do not spread or clone an event, which would lose its fields; take them
 * by name, or make another event by {@link with}. (A class, so that the compiler sees a spread that loses them.)
 */
export abstract class RecordedEvent implements RecordedEventFields {
  abstract get stream(): string;
  abstract get version(): Version;
  abstract get position(): Position;
  abstract get time(): Date;
  abstract get id(): string;
  abstract get type(): string;
  abstract get schemaVersion(): number;
  abstract get contentType(): string;
  abstract get data(): string | Uint8Array;
  abstract get metadata(): string;

  /** The same event with other content: what a serializer that decrypts or unpacks hands on to the next. */
  with(changes: Partial<Omit<NewEvent, "id">>): RecordedEvent {
    return recordedEvent({ ...this.toJSON(), ...changes });
  }

  /** All fields, as plain data. */
  toJSON(): RecordedEventFields {
    const { stream, version, position, time, id, type, schemaVersion, contentType, data, metadata } = this;
    return { stream, version, position, time, id, type, schemaVersion, contentType, data, metadata };
  }

  [inspect.custom](): RecordedEventFields {
    return this.toJSON();
  }
}

/** An event of known fields. For those who write a store or test a serializer. */
export function recordedEvent(fields: RecordedEventFields): RecordedEvent {
  return new KnownEvent(fields);
}

class KnownEvent extends RecordedEvent {
  readonly #fields: RecordedEventFields;

  constructor(fields: RecordedEventFields) {
    super();
    this.#fields = fields;
  }

  get stream(): string {
    return this.#fields.stream;
  }

  get version(): Version {
    return this.#fields.version;
  }

  get position(): Position {
    return this.#fields.position;
  }

  get time(): Date {
    return this.#fields.time;
  }

  get id(): string {
    return this.#fields.id;
  }

  get type(): string {
    return this.#fields.type;
  }

  get schemaVersion(): number {
    return this.#fields.schemaVersion;
  }

  get contentType(): string {
    return this.#fields.contentType;
  }

  get data(): string | Uint8Array {
    return this.#fields.data;
  }

  get metadata(): string {
    return this.#fields.metadata;
  }
}
