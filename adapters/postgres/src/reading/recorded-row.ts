import type { Position, Version } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, RecordedEvent } from "@reactive-domain/persistence";
import { contentOf } from "../content.ts";
import type { TextRow } from "../database.ts";

/** An event over its row, of which nothing is decoded before it is asked for. */
export class RecordedRow extends RecordedEvent {
  readonly #row: TextRow;
  /** Where the event's columns begin. */
  readonly #from: number;

  constructor(row: TextRow, from = 0) {
    super();
    this.#row = row;
    this.#from = from;
  }

  get stream(): string {
    return this.#text(1);
  }

  get position(): Position {
    return Number(this.#row[this.#from]) as Position;
  }

  get version(): Version {
    return Number(this.#row[this.#from + 2]) as Version;
  }

  get type(): string {
    return this.#text(3);
  }

  get schemaVersion(): number {
    return Number(this.#row[this.#from + 4]);
  }

  get time(): Date {
    return new Date(Number(this.#row[this.#from + 5]));
  }

  get id(): string {
    return this.#text(6);
  }

  get contentType(): string {
    return this.#row[this.#from + 7] ?? JSON_CONTENT_TYPE;
  }

  get metadata(): string {
    return this.#text(8);
  }

  get data(): string | Uint8Array {
    return contentOf(this.#row[this.#from + 9], this.#row[this.#from + 10]);
  }

  /** The length of its data and metadata, in UTF-16 units, or in bytes of base 64. */
  get characters(): number {
    const row = this.#row;
    return (row[this.#from + 8] as string).length + (row[this.#from + 9] ?? row[this.#from + 10] ?? "").length;
  }

  /** The size of its data and metadata, in bytes of UTF-8. */
  get bytes(): number {
    const { data } = this;
    return Buffer.byteLength(this.metadata) + (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength);
  }

  #text(column: number): string {
    return this.#row[this.#from + column] as string;
  }
}
