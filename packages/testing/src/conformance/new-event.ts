import { currentRuntime } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type EventStore, type NewEvent } from "@reactive-domain/persistence";

/** An event with an id of its own; `facts` go over the rest. */
export function newEvent(facts: Partial<NewEvent> = {}): NewEvent {
  const id = currentRuntime().ids.next();
  return { id, type: "AmountDeposited", schemaVersion: 1, contentType: JSON_CONTENT_TYPE, data: '{"amount":1}', metadata: "{}", ...facts };
}

/** Events with ids of their own. */
export function newEvents(count: number, facts: Partial<NewEvent> = {}): readonly NewEvent[] {
  return Array.from({ length: count }, () => newEvent(facts));
}

/** Appends one event after another, each told by the name of its stream and its type, and returns them. */
export async function fill(store: EventStore, entries: readonly (readonly [stream: string, type: string])[]): Promise<readonly NewEvent[]> {
  const events: NewEvent[] = [];
  for (const [stream, type] of entries) {
    const event = newEvent({ type });
    await store.append(stream, [event], { expectedVersion: "any" });
    events.push(event);
  }
  return events;
}

/** Appends new events to a stream, whatever its version, and returns them. */
export async function grow(store: EventStore, stream: string, count: number, facts: Partial<NewEvent> = {}): Promise<readonly NewEvent[]> {
  const events = newEvents(count, facts);
  await store.append(stream, events, { expectedVersion: "any" });
  return events;
}
