import { checkKeys, InvalidArgument, warn } from "@reactive-domain/core";
import type { FeedFaulted } from "./errors.ts";
import type { EventFeed } from "./event-feed.ts";
import { checkFrom, type From } from "./resume-point.ts";
import { resumption, type ResumeOptions } from "./resumption.ts";
import type { Following } from "./listener-owner.ts";
import { tell } from "./tell.ts";

/** How a feed is taken. */
export interface StartOptions {
  /**
   * Where to begin: with the first event, with the next that is written, behind a position (of a single stream: a version), or behind a checkpoint of this feed.
   * Default: behind the checkpoint that a restored snapshot has of it, or else `start`.
   */
  readonly from?: From;
  /** Refuses a feed that has nothing in the store: a stream that is missing or deleted, a category or type without events. Default `false`. */
  readonly mustExist?: boolean;
  /** How it goes on after the store has interrupted it. `false`: an interruption is a fault. Default: it is tried until it goes well, every 10 seconds in the end. */
  readonly resume?: ResumeOptions | false;
  /** Ends the feed when it aborts, with the event at hand: it is told as a fault. */
  readonly signal?: AbortSignal;
  /**
   * Told when a handler has thrown or the feed has broken for good, and no more of it is taken. It is not waited for; when it fails itself, both are warnings.
   * Default: a warning of the process on standard error.
   */
  readonly onFault?: (error: FeedFaulted) => unknown;
  /** Told when the store has interrupted the feed, each time; it goes on by itself. Not waited for. Default: only its health tells. */
  readonly onInterruption?: (error: Error) => unknown;
}

/** What is told to whom. */
export interface Notices {
  readonly interrupted: (error: Error) => void;
  readonly faulted: (error: FeedFaulted) => void;
}

/** What to follow, by options and what is known of the feed. Errors: `invalid-argument`. */
export function followingOf(feed: EventFeed, options: StartOptions, known: From = "start"): Following {
  checkFeed(feed);
  checkKeys("options of a start", options, ["from", "mustExist", "resume", "signal", "onFault", "onInterruption"]);
  const { from = known, mustExist = false, resume, signal } = options;
  if (typeof mustExist !== "boolean") throw new InvalidArgument("mustExist", "true or false", mustExist);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") throw new InvalidArgument("signal", "an AbortSignal", signal);
  checkFrom(feed, from);
  return { feed, from, mustExist, backoff: resumption(resume), signal };
}

/** Errors: `invalid-argument`. */
export function checkFeed(feed: EventFeed): void {
  if (typeof feed !== "object" || feed === null || typeof feed.name !== "string" || typeof feed.store?.subscribe !== "function")
    throw new InvalidArgument("feed", "a feed, as of a connected context", feed);
}

/** Errors: `invalid-argument`. */
export function noticesOf({ onFault = warn, onInterruption = () => undefined }: StartOptions): Notices {
  for (const [name, listener] of Object.entries({ onFault, onInterruption }))
    if (typeof listener !== "function") throw new InvalidArgument(name, "a function", listener);
  return {
    faulted: (fault) => void tell(onFault, fault),
    interrupted: (error) => void tell(onInterruption, error),
  };
}
