import type { EventBase } from "@reactive-domain/messaging";
import type { NewEvent, RecordedEvent } from "../recorded-event.ts";

/** Where an event is on its way to, and whose it is. Its version is not known yet, and never told: what is made of an event must not depend on it. */
export interface SerializationContext {
  readonly stream: string;
  readonly eventId: string;
  readonly type: string;
  readonly tenant: string | undefined;
  /** Who acts: as the message says, or else as the save does. */
  readonly actor: string | undefined;
  /** Shared by all events that are written together. */
  readonly commitId: string | undefined;
  /** What the event happened to. */
  readonly aggregate: { readonly type: string; readonly id: string } | undefined;
  /** The person whose data the event holds: the value of the field that its class names as `subject`. */
  readonly subject: string | undefined;
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
  /** The messages of several stored events, in their order, as {@link deserialize} gives those of each. Where it is left out, each is asked for by itself. */
  deserializeAll?(events: readonly RecordedEvent[]): readonly EventBase[] | Promise<readonly EventBase[]>;
}
