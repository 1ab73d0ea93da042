import type { Clock, Position } from "@reactive-domain/core";
import { after, type CallOptions, type EventStore } from "@reactive-domain/persistence";
import type { Checkpoint } from "./checkpoint.ts";
import { filterOf, type EventFeed } from "./event-feed.ts";
import type { FeedLag } from "./feed-health.ts";

/** How far somebody is with a feed. */
export interface Progress {
  readonly feed: EventFeed;
  readonly checkpoint: Checkpoint;
  readonly handledUpTo: Position | null;
}

/** Asks the store what of a feed lies behind a place. Errors: those of the store. */
export async function measureLag({ feed, checkpoint, handledUpTo }: Progress, clock: Clock, options: CallOptions): Promise<FeedLag> {
  const head = await headOf(feed.store, options);
  const nothing = { feed: feed.name, events: 0, ms: 0 };
  if (head === null || (handledUpTo !== null && handledUpTo >= head)) return nothing;
  const reached = "stream" in feed.source ? checkpoint.version : handledUpTo;
  const from = reached === null ? "start" : after(reached);
  for await (const oldest of feed.store.read(feed.source, { ...options, ...filterOf(feed), from, limit: 1 })) {
    const events = Math.max(head, oldest.position) - oldest.position + 1;
    return { feed: feed.name, events, ms: Math.max(0, clock.now() - oldest.time.getTime()) };
  }
  return nothing;
}

/** The position of the last event in the log; `null` while it is empty. Errors: those of the store. */
export async function headOf(store: EventStore, options: CallOptions = {}): Promise<Position | null> {
  for await (const { head } of store.read({ all: true }, { ...options, direction: "backwards", limit: 1 }).batches()) return head;
  return null;
}
