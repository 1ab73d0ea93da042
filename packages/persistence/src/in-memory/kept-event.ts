import type { Position, Version } from "@reactive-domain/core";
import { bytesOf } from "../adapter/check-event.ts";
import { ownBytes } from "../adapter/own-bytes.ts";
import { RecordedEvent, type NewEvent } from "../recorded-event.ts";

/** Where and when an event was written. */
export interface EventPlacement {
  readonly stream: string;
  readonly version: Version;
  readonly position: Position;
  readonly timeMs: number;
}

/**
 * An event as the store keeps it. What is kept changes neither when the writer changes what it handed in, nor through a reader: it has fields of its own, and
 * getters only. (Freezing would do the same at several times the cost.)
 */
export class KeptEvent extends RecordedEvent {
  readonly #id: string;
  readonly #type: string;
  readonly #schemaVersion: number;
  readonly #contentType: string;
  readonly #data: string | Uint8Array;
  readonly #metadata: string;
  readonly #stream: string;
  readonly #version: Version;
  readonly #position: Position;
  readonly #timeMs: number;

  constructor(event: NewEvent, { stream, version, position, timeMs }: EventPlacement) {
    super();
    this.#id = event.id;
    this.#type = event.type;
    this.#schemaVersion = event.schemaVersion;
    this.#contentType = event.contentType;
    this.#data = event.data;
    this.#metadata = event.metadata;
    this.#stream = stream;
    this.#version = version;
    this.#position = position;
    this.#timeMs = timeMs;
  }

  get stream(): string {
    return this.#stream;
  }

  get version(): Version {
    return this.#version;
  }

  get position(): Position {
    return this.#position;
  }

  get timeMs(): number {
    return this.#timeMs;
  }

  get time(): Date {
    return new Date(this.#timeMs);
  }

  get id(): string {
    return this.#id;
  }

  get type(): string {
    return this.#type;
  }

  get schemaVersion(): number {
    return this.#schemaVersion;
  }

  get contentType(): string {
    return this.#contentType;
  }

  get data(): string | Uint8Array {
    return ownBytes(this.#data);
  }

  get metadata(): string {
    return this.#metadata;
  }

  /** The size of data and metadata, in bytes of UTF-8. */
  get bytes(): number {
    return bytesOf(this.#data) + bytesOf(this.#metadata);
  }
}
