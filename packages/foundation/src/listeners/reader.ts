import { checkKeys, currentRuntime, InvalidArgument } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { CallOptions, Direction, ReadOptions, RecordedEvent, UpTo } from "@reactive-domain/persistence";
import type { Checkpoint } from "./checkpoint.ts";
import { FeedNotFound } from "./errors.ts";
import { EventDispatcher, type ReadModelHandler } from "./event-dispatcher.ts";
import { filterOf, type EventFeed } from "./event-feed.ts";
import { EventHandling } from "./event-handling.ts";
import { FeedProgress } from "./feed-progress.ts";
import { beginningOf, checkFrom, exists, readFrom, type From } from "./resume-point.ts";
import { SerialQueue } from "./serial-queue.ts";
import { checkFeed } from "./start-options.ts";

/** Which events are read, and in which order. */
export interface ReadFeedOptions extends CallOptions {
  /** Where to begin: behind a place, seen in the direction of reading. Default: `start` forwards, `end` backwards. */
  readonly from?: From;
  /** Default `forwards`. */
  readonly direction?: Direction;
  /** The most events, from 1. Default: all. */
  readonly count?: number;
  /** Leaves out what lies behind a version of a stream, a position or a time. */
  readonly upTo?: UpTo;
  /** Refuses a feed that has nothing in the store. Default `false`. */
  readonly mustExist?: boolean;
}

/** What a read came to. */
export interface ReadOutcome {
  /** How many stored events were handled; 0 where there is no such stream, or nothing behind the place. */
  readonly events: number;
  /** Why it ended: there was nothing more, as many were handled as were asked for, or {@link Reader.stop} was called. */
  readonly ending: "end" | "count" | "stopped";
}

/** Brings stored events of one feed to handlers, once, and is done. */
export interface Reader {
  readonly feed: EventFeed;
  /** Registers a handler for the events of a class and of those that derive from it, also of `EventBase`: all. They run one after another. Errors: `invalid-argument`. */
  on<E extends EventBase>(eventClass: MessageClass<E>, handler: ReadModelHandler<E>): void;
  /**
   * Handles what is there. Reads of one reader run one after another.
   *
   * Errors: `invalid-argument` for a place, a count or a direction that is none; `feed-not-found`; `feed-faulted` when a handler throws, or an event cannot be read, with
   * that as its cause; the signal's reason; those of the store.
   */
  read(options?: ReadFeedOptions): Promise<ReadOutcome>;
  /** Ends the reads that are under way: with the event at hand, or at once where there is none. */
  stop(): void;
  /** The event that was handled last, by all reads; without version and position before the first. */
  readonly checkpoint: Checkpoint;
}

/**
 * Makes a reader.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * const reader = createReader(bank.aggregate(Account, "a-1"));
 * reader.on(AmountDeposited, (event) => console.log(event.amount));
 * const { events } = await reader.read({ from: after(version(5)) });
 */
export function createReader(feed: EventFeed): Reader {
  checkFeed(feed);
  return new FeedReader(feed);
}

class FeedReader implements Reader {
  readonly feed: EventFeed;
  readonly #dispatcher = new EventDispatcher();
  readonly #queue = new SerialQueue();
  readonly #progress: FeedProgress;
  readonly #handling: EventHandling;
  /** How often it was stopped: those who wait then are stopped, too. */
  #stops = 0;
  #isStopped = false;

  constructor(feed: EventFeed) {
    const { clock } = currentRuntime();
    this.feed = feed;
    this.#progress = new FeedProgress(feed, beginningOf(feed), clock);
    this.#handling = new EventHandling(this.#dispatcher, feed, clock);
  }

  get checkpoint(): Checkpoint {
    return this.#progress.checkpoint;
  }

  on<E extends EventBase>(eventClass: MessageClass<E>, handler: ReadModelHandler<E>): void {
    this.#dispatcher.register(eventClass, handler);
  }

  async read(options: ReadFeedOptions = {}): Promise<ReadOutcome> {
    checkKeys("options of a read", options, ["from", "direction", "count", "upTo", "mustExist", "signal", "context"]);
    const { from, count } = options;
    if (from !== undefined) checkFrom(this.feed, from);
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1)) throw new InvalidArgument("count", "an integer from 1", count);
    const stops = this.#stops;
    return this.#queue.run(() => {
      this.#isStopped = this.#stops > stops;
      return this.#isStopped ? { events: 0, ending: "stopped" as const } : this.#read(options);
    });
  }

  stop(): void {
    this.#stops++;
    this.#isStopped = true;
  }

  async #read({ from, direction = "forwards", count, upTo, mustExist = false, ...calling }: ReadFeedOptions): Promise<ReadOutcome> {
    const { store, source } = this.feed;
    if (mustExist && !(await exists(this.feed, calling))) throw new FeedNotFound(this.feed.name);
    const options: ReadOptions = {
      ...calling,
      ...filterOf(this.feed),
      ...(from === undefined ? undefined : { from: await readFrom(this.feed, { from, direction }, calling) }),
      ...(count === undefined ? undefined : { limit: count }),
      ...(upTo === undefined ? undefined : { upTo }),
      direction,
    };
    let events = 0;
    for await (const batch of store.read(source, options).batches()) {
      events += await this.#handle(batch.events, calling.signal);
      if (this.#isStopped) return { events, ending: "stopped" };
    }
    return { events, ending: events === count ? "count" : "end" };
  }

  async #handle(events: readonly RecordedEvent[], signal: AbortSignal | undefined): Promise<number> {
    signal?.throwIfAborted();
    if (this.#isStopped) return 0;
    this.#progress.begin(events);
    try {
      return await this.#handling.handle(events, 0, (handled) => {
        this.#progress.advance(handled);
        signal?.throwIfAborted();
        return !this.#isStopped;
      });
    } catch (cause) {
      throw this.#handling.event === undefined ? cause : this.#handling.faultOf("The reader", cause);
    }
  }
}
