import type { EventFilter, EventSerializer, EventStore, ReadSource } from "@reactive-domain/persistence";

/** Events of one context in the order of the log: what a read model is started on. */
export interface EventFeed {
  /** What errors and health reports call it. */
  readonly name: string;
  readonly source: ReadSource;
  readonly filter: EventFilter | undefined;
  readonly store: EventStore;
  readonly serializer: EventSerializer;
}
