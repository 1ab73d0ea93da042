import type { RecordedEvent, RecordedEventFields } from "@reactive-domain/persistence";
import { USER_STREAM_PREFIX, withoutPassword } from "../users/user-record.ts";

/** An event as clients may see it: one of a user does not show what the password is recognised by. */
export function withoutSecrets(event: RecordedEvent): RecordedEventFields {
  return event.stream.startsWith(USER_STREAM_PREFIX) ? { ...event.toJSON(), data: withoutPassword(event.data) } : event;
}
