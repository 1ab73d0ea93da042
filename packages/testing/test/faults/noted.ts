import type { EventStore, NewEvent, RecordedEvent, SubscriptionMessage } from "@reactive-domain/foundation";
import { fixedId } from "@reactive-domain/testing";

let ids = 0;

function noted(): NewEvent {
  return { id: fixedId(++ids), type: "Noted", schemaVersion: 1, contentType: "application/json", data: "{}", metadata: "{}" };
}

/** Writes some events to a stream. */
export async function note(store: EventStore, stream: string, count: number): Promise<void> {
  await store.append(
    stream,
    Array.from({ length: count }, () => noted()),
    { expectedVersion: "any" },
  );
}

export function positionsOf(events: readonly RecordedEvent[]): readonly number[] {
  return events.map(({ position }) => position);
}

/** A message as a test expects it: the positions of its events, and up to where it has told all. */
export function inShort(message: SubscriptionMessage): string {
  return message.kind === "live" ? `live at ${message.upTo}` : `${positionsOf(message.events).join(" ")} up to ${message.upTo}`;
}
