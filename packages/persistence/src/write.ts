import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import type { NewEvent } from "./recorded-event.ts";

/** Appends events to the end of a stream. */
export interface AppendItem {
  readonly kind: "append";
  /** 1 to 512 characters; its category is the text before the first dash. */
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

/** One part of a write. Parts are data: a write can be kept, sent and repeated. */
export type WriteItem = AppendItem;

/** What a write did to one stream. */
export interface StreamResult {
  readonly stream: string;
  /** The version of the last event written. */
  readonly version: Version;
  /** The position of the last event written. */
  readonly position: Position;
}

/** What a write did. */
export interface WriteResult {
  /** The position of the last event written: who has handled it has handled all of the write. */
  readonly position: Position;
  /** One per append, in the order given. */
  readonly streams: readonly StreamResult[];
  /** Whether the same events were found in the log, so that nothing was written and this is the outcome of the first time. */
  readonly repeated: boolean;
}
