import type { ExpectedVersion } from "./log/expected-version.ts";
import type { Version } from "./log/version.ts";

/**
 * What a repository needs of a thing whose state is the fold of its events. {@link AggregateRoot} of foundation implements it; so may a class of yours.
 */
export interface EventSource<E extends object = object> {
  /** Who it is, within its type. */
  readonly id: string;
  /** The version that its stream has if nobody else wrote: `noStream`, or that of the last event restored or taken. */
  readonly expectedVersion: ExpectedVersion;
  /** What happened since it was restored and is not saved yet, in order. Reading it changes nothing. */
  readonly pendingEvents: readonly E[];
  /** Folds the history of a new instance; `version` is that of the stream's event at its end. Called once, before anything else. */
  restoreFromEvents(events: Iterable<E>, version: Version): void;
  /** Folds what others wrote after this instance's expected version. Not with events pending. */
  updateWithEvents(events: Iterable<E>, version: Version): void;
  /**
   * Hands out the first `count` pending events (default all), forgets them, and moves the expected version past them. For the repository, after a write.
   * `lastVersion` is that of the last of them in the stream, where it is known: behind a deletion versions go on, so that a new thing's first one is not 0.
   */
  takeEvents(count?: number, lastVersion?: Version): readonly E[];
}
