import type { EventBase } from "@reactive-domain/messaging";
import type { NewEvent, RecordedEvent } from "../recorded-event.ts";

/** Where an event is on its way to or from. */
export interface SerializationContext {
  readonly stream: string;
}

/**
 * Turns events into what a store keeps, and back (the guide's `IEventSerializer`). Both ways may wait, for a key service say; the usual one answers at once,
 * and its users do not wait for an answer that is there.
 */
export interface EventSerializer {
  /** Errors: `unknown-event-type`, `not-serializable`, `invalid-message`. */
  serialize(event: EventBase, context: SerializationContext): NewEvent | Promise<NewEvent>;
  /**
   * The messages that one stored event stands for today: one, several or none.
   *
   * Errors: `unknown-event-type`, `corrupt-event`.
   */
  deserialize(event: RecordedEvent): readonly EventBase[] | Promise<readonly EventBase[]>;
}
