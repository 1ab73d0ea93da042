import { currentRuntime } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type NewEvent } from "@reactive-domain/persistence";

/** An event with an id of its own. */
export function newEvent(facts: Partial<NewEvent> = {}): NewEvent {
  const id = currentRuntime().ids.next();
  return { id, type: "AmountDeposited", schemaVersion: 1, contentType: JSON_CONTENT_TYPE, data: '{"amount":1}', metadata: "{}", ...facts };
}

/** The form of `newEvent`, `count` times. */
export function newEvents(count: number, facts: Partial<NewEvent> = {}): readonly NewEvent[] {
  return Array.from({ length: count }, () => newEvent(facts));
}
