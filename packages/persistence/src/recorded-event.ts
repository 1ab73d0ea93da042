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

/** An event as a store gives it back. */
export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  /** Its number in the stream. */
  readonly version: Version;
  /** Its place in the whole log. */
  readonly position: Position;
  /** When it was committed, by the store's clock. Nothing is ordered by it. */
  readonly time: Date;
}
