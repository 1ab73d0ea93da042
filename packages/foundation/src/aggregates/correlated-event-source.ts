import type { EventSource, MessageMetadata, Version } from "@reactive-domain/core";
import type { EventBase } from "@reactive-domain/messaging";
import type { EventIdOf } from "./event-recorder.ts";

/** An event source whose events continue the chain of the message that it works for. */
export interface CorrelatedEventSource extends EventSource<EventBase> {
  /** Correlates the events that are raised from now on with `source`, and numbers their ids, until they are taken. For repositories. */
  correlateWith(source: MessageMetadata, eventIdOf: EventIdOf): void;
  /** Has the events that are raised from now on begin chains of their own. For repositories. */
  uncorrelate(): void;
  /** As `takeEvents`, but what is raised after it goes on for the same message, with the numbers that follow. */
  takeEventsAndContinue(count?: number, lastVersion?: Version): readonly EventBase[];
}
