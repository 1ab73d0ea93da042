import type { RecordedEvent, RecordedEventFields } from "@reactive-domain/persistence";
import { describedStream, STREAM_DELETED_TYPE } from "../metadata/described-stream.ts";
import { withoutSecrets } from "./without-secrets.ts";
import { FINAL_VERSION } from "../wire/encode-read-event.ts";

/** The stream that an event deletes for ever, if it does. It is kept beside what is said about that stream, which itself takes no events any more. */
export function tombstonedStream({ type, stream }: RecordedEvent): string | undefined {
  return type === STREAM_DELETED_TYPE ? describedStream(stream) : undefined;
}

/** An event as clients see it: one that deletes a stream for ever is the last of that stream. */
export function shownEvent(event: RecordedEvent): RecordedEventFields {
  const stream = tombstonedStream(event);
  return stream === undefined ? withoutSecrets(event) : { ...event.toJSON(), stream, version: FINAL_VERSION };
}
