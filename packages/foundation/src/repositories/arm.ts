import { derivedId } from "@reactive-domain/core";
import { metadataOf, type MessageBase } from "@reactive-domain/messaging";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";

/** Makes an event source work for a message: its events continue the message's chain, under ids derived from it and the stream. */
export function arm(source: CorrelatedEventSource, message: MessageBase, stream: string): void {
  const metadata = metadataOf(message);
  source.correlateWith(metadata, (ordinal) => derivedId(metadata.id, stream, ordinal));
}
