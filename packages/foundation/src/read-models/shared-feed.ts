import type { Position } from "@reactive-domain/core";
import type { Checkpoint } from "../listeners/checkpoint.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import type { FeedStatus } from "../listeners/feed-health.ts";
import type { ResumeOptions } from "../listeners/resumption.ts";
import type { StartOptions } from "../listeners/start-options.ts";
import type { ReadModelBase } from "./read-model-base.ts";

export interface SharedStartOptions {
  /** How reading goes on after the store has interrupted it. Default: as of a read model. */
  readonly resume?: ResumeOptions | false;
  /** Ends reading when it aborts: each model tells it as a fault. */
  readonly signal?: AbortSignal;
  /** Told when the store has interrupted the reading, each time; it goes on by itself. Not waited for. Default: only {@link SharedFeed.health} tells. */
  readonly onInterruption?: (error: Error) => unknown;
}

/** How the reading of a shared feed goes. */
export interface SharedHealth {
  readonly feed: string;
  readonly status: FeedStatus;
  /** Everything of the feed up to this position is read; `null` before anything is. */
  readonly readUpTo: Position | null;
  /** How often the store interrupted it. */
  readonly interruptions: number;
  /** Why it stopped or was interrupted last; `undefined` once it goes on. */
  readonly error: unknown;
}

/** One read of a category, an event type or all events, for several read models. */
export interface SharedFeed {
  readonly feed: EventFeed;
  /**
   * Has a model take part, with `resume` and `onInterruption` for what interrupts it alone: each event that two of its feeds have it handles twice. One that was restored gets what lies behind its checkpoint of this feed, or behind `from`, another all of the history.
   *
   * Errors: `already-started`, `invalid-argument`.
   */
  attach(model: ReadModelBase, options?: StartOptions): void;
  /**
   * Reads the store once, from behind the nearest checkpoint, for all models that are attached. Resolves when they are started. A model that is slow holds the
   * others up; one that is closed or stops leaves them alone. Reading ends when all are closed. Where one is refused none is started: share the feed anew then.
   *
   * Errors: `already-started`, `ahead-of-log` for a checkpoint that the log has not come to, and those of a read model's start.
   */
  start(options?: SharedStartOptions): Promise<void>;
  /** Resolves when all models have handled the history. Rejects when one stops before that, or is closed. Nobody has to await it. */
  readonly live: Promise<void>;
  /** How the reading goes; how far each model is, its own health tells. */
  readonly health: SharedHealth;
  /** The last event that was read when the history was at its end; without a position before that, and where there was none. */
  readonly checkpoint: Checkpoint;
}
