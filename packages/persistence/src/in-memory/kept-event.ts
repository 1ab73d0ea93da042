import type { Position, Version } from "@reactive-domain/core";
import { bytesOf } from "../adapter/check-event.ts";
import { RecordedEvent, type NewEvent } from "../recorded-event.ts";

/** Where and when an event was written. */
export interface EventPlacement {
  readonly stream: string;
  readonly version: Version;
  readonly position: Position;
  readonly timeMs: number;
}

/**
 * An event as the store keeps it. What is kept changes neither when the writer changes what it handed in, nor through a reader: it is copied on the way in, and
 * has getters only. (Freezing would do the same at several times the cost.)
 */
export class KeptEvent extends RecordedEvent {
  readonly #event: NewEvent;
  readonly #placement: EventPlacement;

  constructor({ id, type, schemaVersion, contentType, data, metadata }: NewEvent, placement: EventPlacement) {
    super();
    this.#event = { id, type, schemaVersion, contentType, data: copy(data), metadata };
    this.#placement = placement;
  }

  get stream(): string {
    return this.#placement.stream;
  }

  get version(): Version {
    return this.#placement.version;
  }

  get position(): Position {
    return this.#placement.position;
  }

  get timeMs(): number {
    return this.#placement.timeMs;
  }

  get time(): Date {
    return new Date(this.#placement.timeMs);
  }

  get id(): string {
    return this.#event.id;
  }

  get type(): string {
    return this.#event.type;
  }

  get schemaVersion(): number {
    return this.#event.schemaVersion;
  }

  get contentType(): string {
    return this.#event.contentType;
  }

  get data(): string | Uint8Array {
    return copy(this.#event.data);
  }

  get metadata(): string {
    return this.#event.metadata;
  }

  /** The size of data and metadata, in bytes of UTF-8. */
  get bytes(): number {
    return bytesOf(this.#event.data) + bytesOf(this.#event.metadata);
  }
}

function copy(data: string | Uint8Array): string | Uint8Array {
  return typeof data === "string" ? data : new Uint8Array(data);
}
