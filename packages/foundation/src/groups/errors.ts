import { ReactiveDomainError, textOf } from "@reactive-domain/core";

/** Thrown by a handler of a consumer group: this event is to be parked now, without further attempts. `details.reason` is kept with it. */
export class ParkEvent extends ReactiveDomainError {
  static readonly code = "park-event";

  constructor(reason: string, options: { readonly cause?: unknown } = {}) {
    super(ParkEvent.code, reason, { ...options, details: { reason } });
  }
}

/** A consumer of a group has ended for good: it takes no more events. `cause` is what ended it. */
export class ConsumerStopped extends ReactiveDomainError {
  static readonly code = "consumer-stopped";

  constructor(group: string, consumer: string, cause: unknown) {
    super(ConsumerStopped.code, `Consumer ${consumer} of group ${group} stopped: ${textOf(cause)}`, {
      cause,
      details: { group, consumer },
    });
  }
}
