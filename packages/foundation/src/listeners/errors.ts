import { ReactiveDomainError, textOf, type Position } from "@reactive-domain/core";

/** A handler threw, or a feed broke for good. Whose handlers they are takes no more events from this feed; `cause` is what was thrown. */
export class FeedFaulted extends ReactiveDomainError {
  static readonly code = "feed-faulted";

  constructor(owner: string, feed: string, where: string, cause: unknown) {
    const problem = textOf(cause);
    super(FeedFaulted.code, `${owner} stopped taking ${feed} ${where}: ${problem}`, { cause, details: { owner, feed, where } });
  }
}

/** What keeps somebody from being further. */
export interface Delay {
  readonly timeoutMs: number;
  /** Like `AmountDeposited at position 7`: what its handlers were at work on. */
  readonly busyWith: string | null;
}

/** Up to where somebody was to be: a place whose position is not known yet has a name. */
export type WantedPlace = Position | "the end of the log" | "the end of its history";

/** A read model or a listener did not catch up in time. `details` name the feed that lags, how far it is, and what its handlers were at work on. */
export class NotCaughtUp extends ReactiveDomainError {
  static readonly code = "not-caught-up";

  constructor(owner: string, feed: string, lag: Delay & { readonly wanted: WantedPlace; readonly reached: Position | null }) {
    const { wanted, reached, busyWith } = lag;
    const timeoutMs = Math.ceil(lag.timeoutMs);
    const place = typeof wanted === "number" ? `position ${wanted}` : wanted;
    const busy = busyWith === null ? "" : `; it was busy with ${busyWith}`;
    super(
      NotCaughtUp.code,
      `${owner} was to handle ${feed} up to ${place} within ${timeoutMs} ms, but is at ${reached ?? "none"}${busy}.`,
      { retryable: true, details: { owner, feed, wanted, reached, timeoutMs, busyWith } },
    );
  }
}

/** A listener, or the shared read of a feed, was started before. */
export class AlreadyStarted extends ReactiveDomainError {
  static readonly code = "already-started";

  constructor(owner: string, advice = "It is started once: make another one.") {
    super(AlreadyStarted.code, `${owner} was started before. ${advice}`, { details: { owner } });
  }
}

/** There is nothing to be read where something must be: no such stream, or a deleted one, or no event of that category or type. */
export class FeedNotFound extends ReactiveDomainError {
  static readonly code = "feed-not-found";

  constructor(feed: string) {
    super(FeedNotFound.code, `There is nothing of ${feed} in the store, and mustExist is set. Check its name, or leave mustExist out.`, {
      details: { feed },
    });
  }
}

/** A listener was to have handled something, but was not started. */
export class NotStarted extends ReactiveDomainError {
  static readonly code = "not-started";

  constructor(owner: string) {
    super(NotStarted.code, `${owner} was not started, and handles nothing. Start it before you wait for it.`, { details: { owner } });
  }
}
