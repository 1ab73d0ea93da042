import type { Runtime } from "@reactive-domain/core";
import type { Backoff } from "@reactive-domain/messaging";
import type { FeedFaulted } from "./errors.ts";
import type { EventDispatcher } from "./event-dispatcher.ts";
import type { EventFeed } from "./event-feed.ts";
import type { From } from "./resume-point.ts";
import type { SerialQueue } from "./serial-queue.ts";

/** What a listener needs of whom it feeds. */
export interface ListenerOwner {
  readonly name: string;
  readonly dispatcher: EventDispatcher;
  readonly queue: SerialQueue;
  readonly runtime: Runtime;
  /** Told in the queue, behind the history and once. What it throws is a fault of the feed. */
  readonly wentLive: () => unknown;
  /** Told in the queue, when so many events have been handled. */
  readonly progressed: (events: number) => void;
  readonly interrupted: (error: Error) => void;
  readonly faulted: (error: FeedFaulted) => void;
}

/** What is followed, and how. */
export interface Following {
  readonly feed: EventFeed;
  readonly from: From;
  readonly mustExist: boolean;
  readonly backoff: Backoff;
  readonly signal: AbortSignal | undefined;
}
