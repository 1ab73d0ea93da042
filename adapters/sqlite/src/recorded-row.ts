import type { Position, Version } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, RecordedEvent } from "@reactive-domain/persistence";
import { idOfHex } from "./event-id.ts";

/**
 * The columns of an event, in the order of {@link EventRow}. Its id comes as digits: the driver makes a buffer of 16 bytes, which takes a third of the time of a whole
 * row.
 */
export const EVENT_COLUMNS = "position, stream_id, version, type, schema_version, time, hex(id), content_type, metadata, data";

/** An event as SQLite hands it out. */
export type EventRow = readonly [
  position: Position,
  streamId: number,
  version: Version,
  type: string,
  schemaVersion: number,
  time: number,
  hexId: string,
  contentType: string | null,
  metadata: string,
  data: string | Uint8Array,
];

/** An event over its row: what nobody looks at is not decoded, which makes reading faster by a tenth. */
export class RecordedRow extends RecordedEvent {
  readonly #row: EventRow;
  readonly #stream: string;

  constructor(row: EventRow, stream: string) {
    super();
    this.#row = row;
    this.#stream = stream;
  }

  get stream(): string {
    return this.#stream;
  }

  get position(): Position {
    return this.#row[0];
  }

  get version(): Version {
    return this.#row[2];
  }

  get type(): string {
    return this.#row[3];
  }

  get schemaVersion(): number {
    return this.#row[4];
  }

  get time(): Date {
    return new Date(this.#row[5]);
  }

  get id(): string {
    return idOfHex(this.#row[6]);
  }

  get contentType(): string {
    return this.#row[7] ?? JSON_CONTENT_TYPE;
  }

  get metadata(): string {
    return this.#row[8];
  }

  get data(): string | Uint8Array {
    return this.#row[9];
  }
}
