import type { Position, Version } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, RecordedEvent } from "@reactive-domain/persistence";
import { contentOf } from "../content.ts";

/** Where a column of an event stands among those that are read. */
export const Column = {
  position: 0,
  stream: 1,
  version: 2,
  type: 3,
  schemaVersion: 4,
  time: 5,
  id: 6,
  contentType: 7,
  metadata: 8,
  data: 9,
  bytes: 10,
} as const;

export type Column = (typeof Column)[keyof typeof Column];

/** An event over the text that PostgreSQL sent, of which nothing is decoded before it is asked for. */
export abstract class TextEvent extends RecordedEvent {
  get stream(): string {
    return this.text(Column.stream) ?? "";
  }

  get position(): Position {
    return Number(this.text(Column.position)) as Position;
  }

  get version(): Version {
    return Number(this.text(Column.version)) as Version;
  }

  get type(): string {
    return this.text(Column.type) ?? "";
  }

  get schemaVersion(): number {
    return Number(this.text(Column.schemaVersion));
  }

  get time(): Date {
    return new Date(Number(this.text(Column.time)));
  }

  get id(): string {
    return this.text(Column.id) ?? "";
  }

  get contentType(): string {
    return this.text(Column.contentType) ?? JSON_CONTENT_TYPE;
  }

  get metadata(): string {
    return this.text(Column.metadata) ?? "";
  }

  get data(): string | Uint8Array {
    return contentOf(this.text(Column.data), this.text(Column.bytes));
  }

  /** The size of its data and metadata, in bytes of UTF-8. */
  get bytes(): number {
    const { metadata, data } = this;
    return Buffer.byteLength(metadata) + (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength);
  }

  /** What a column has; `bytes` in base 64. */
  protected abstract text(column: Column): string | null;
}
