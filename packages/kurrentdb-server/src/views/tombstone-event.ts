import type { RecordedEvent, RecordedEventFields } from "@reactive-domain/persistence";
import { FINAL_VERSION } from "../wire/encode-read-event.ts";
import { METADATA_PREFIX, TOMBSTONE_TYPE } from "./system-names.ts";

/** The stream that an event deletes for ever, if it does. It is kept beside what is said about that stream, which itself takes no events any more. */
export function tombstonedStream({ type, stream }: RecordedEvent): string | undefined {
  return type === TOMBSTONE_TYPE && stream.startsWith(METADATA_PREFIX) ? stream.slice(METADATA_PREFIX.length) : undefined;
}

/** An event as clients see it: one that deletes a stream for ever is the last of that stream. */
export function shownEvent(event: RecordedEvent): RecordedEventFields {
  const stream = tombstonedStream(event);
  return stream === undefined ? event : { ...event.toJSON(), stream, version: FINAL_VERSION };
}
