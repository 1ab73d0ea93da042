import { describe, ReactiveDomainError, type Position } from "@reactive-domain/core";

/** A handler of a read model threw. The read model takes no more events from this feed; `cause` is what was thrown. */
export class ReadModelFaulted extends ReactiveDomainError {
  static readonly code = "read-model-faulted";

  constructor(model: string, feed: string, where: string, cause: unknown) {
    const problem = cause instanceof Error ? cause.message : describe(cause);
    super(ReadModelFaulted.code, `${model} stopped taking ${feed} ${where}: ${problem}`, { cause, details: { model, feed, where } });
  }
}

/** How far a read model was when waiting for it ended. */
export interface Lag {
  readonly wanted: Position;
  readonly reached: Position | null;
  readonly timeoutMs: number;
}

/** A read model did not catch up in time. `details` name the feed that lags, and how far it is. */
export class NotCaughtUp extends ReactiveDomainError {
  static readonly code = "not-caught-up";

  constructor(model: string, feed: string, lag: Lag) {
    const { wanted, reached, timeoutMs } = lag;
    super(
      NotCaughtUp.code,
      `${model} was to handle ${feed} up to position ${wanted} within ${timeoutMs} ms, but is at ${reached ?? "none"}.`,
      {
        retryable: true,
        details: { model, feed, wanted, reached, timeoutMs },
      },
    );
  }
}
