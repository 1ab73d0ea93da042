import type { Position, Version } from "@reactive-domain/core";
import type { After, EventFilter, EventSerializer, EventStore, ReadSource, SubscriptionMessage } from "@reactive-domain/persistence";

/** Events of one context in the order of the log: what readers read, and what listeners and read models are started on. */
export interface EventFeed {
  /** What checkpoints, errors and health reports call it. */
  readonly name: string;
  readonly source: ReadSource;
  readonly filter: EventFilter | undefined;
  readonly store: EventStore;
  readonly serializer: EventSerializer;
  /** Whether it ends with its history. Default: it goes on with new events. */
  readonly ends?: boolean;
  /** Begins to follow it. Default: a subscription of the store. */
  readonly follow?: (start: FeedStart) => FeedMessages;
}

/** Where a feed begins, and what ends it early. */
export interface FeedStart {
  readonly from: "start" | After<Version> | After<Position>;
  readonly signal: AbortSignal | undefined;
}

/**
 * What comes of a feed: its history, one live signal, then new events, as of a {@link Subscription}. Those of a feed that ends may end behind the live signal.
 */
export interface FeedMessages {
  next(): Promise<IteratorResult<SubscriptionMessage>>;
  close(): Promise<void>;
}

/** Follows a feed as it wants to be followed. */
export function follow(feed: EventFeed, start: FeedStart): FeedMessages {
  if (feed.follow !== undefined) return feed.follow(start);
  const { from, signal } = start;
  return feed.store.subscribe(feed.source, { from, ...filterOf(feed), ...(signal === undefined ? undefined : { signal }) });
}

/** A feed's filter as an option. */
export function filterOf({ filter }: EventFeed): { readonly filter?: EventFilter } {
  return filter === undefined ? {} : { filter };
}
