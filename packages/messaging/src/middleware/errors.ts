import { ReactiveDomainError } from "@reactive-domain/core";

/** As many messages are with the handlers behind a limit as it lets through, and as many wait as may. The handler did not run. */
export class ConcurrencyLimited extends ReactiveDomainError {
  static readonly code = "concurrency-limited";

  constructor(type: string, max: number, waiting: number) {
    super(
      ConcurrencyLimited.code,
      `${type} was not let in: ${max} at a time may be handled here, which they are, and ${waiting} wait. Send it again later, or raise max or maxWaiting.`,
      { retryable: true, details: { type, max, waiting } },
    );
  }
}

/** More messages came than a limit lets through in their time. The handler did not run. `details.retryAfterMs` tells when there is room again. */
export class RateLimited extends ReactiveDomainError {
  static readonly code = "rate-limited";

  constructor(type: string, perSecond: number, retryAfterMs: number) {
    super(
      RateLimited.code,
      `${type} was not let in: ${perSecond} a second may be handled here, and more came. Send it again in ${retryAfterMs} ms, or raise perSecond or burst.`,
      { retryable: true, details: { type, perSecond, retryAfterMs } },
    );
  }
}

/** A handler has failed so often in a row that it is left alone for a while, and did not run. `details.retryAfterMs` tells when it is tried again. */
export class CircuitOpen extends ReactiveDomainError {
  static readonly code = "circuit-open";

  constructor(type: string, handler: string, retryAfterMs: number) {
    super(
      CircuitOpen.code,
      `${type} was not let in: ${handler} has failed so often in a row that it is left alone. Send it again in ${retryAfterMs} ms, and look into what it throws.`,
      { retryable: true, details: { type, handler, retryAfterMs } },
    );
  }
}
