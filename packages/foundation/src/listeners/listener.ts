import { AlreadyClosed, checkKeys, currentRuntime, InvalidArgument, type Position } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { CallOptions } from "@reactive-domain/persistence";
import { callAll } from "./call-all.ts";
import { catchUpWithLog } from "./catch-up.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { Deferred } from "./deferred.ts";
import { AlreadyStarted, NotStarted } from "./errors.ts";
import { EventDispatcher, type ReadModelHandler } from "./event-dispatcher.ts";
import type { EventFeed } from "./event-feed.ts";
import type { FeedHealth, FeedLag } from "./feed-health.ts";
import { FeedListener } from "./feed-listener.ts";
import { Holds, type DeliveryHold } from "./hold.ts";
import { measureLag } from "./lag.ts";
import type { ListenerOwner } from "./listener-owner.ts";
import { beginningOf } from "./resume-point.ts";
import { SerialQueue } from "./serial-queue.ts";
import { checkFeed, followingOf, noticesOf, type StartOptions } from "./start-options.ts";
import { checkPosition, checkWait, type CatchUpOptions } from "./waiters.ts";

export interface ListenerOptions {
  /** What errors and health reports call it. Default: `The listener to` and the feed's name. */
  readonly name?: string;
}

/** Brings the events of one feed to handlers: history first, then new ones as they are committed, each once and in the order of the log. */
export interface Listener extends AsyncDisposable {
  readonly feed: EventFeed;
  /** What errors and health reports call it. */
  readonly name: string;
  /** Registers a handler for the events of a class and of those that derive from it, also of `EventBase`: all. They run one after another. Errors: `invalid-argument`. */
  on<E extends EventBase>(eventClass: MessageClass<E>, handler: ReadModelHandler<E>): void;
  /** Registers what is called once behind the history, and before {@link live} resolves: it must not await that. What it throws is a fault. Errors: `invalid-argument`. */
  onLive(handler: () => unknown): void;
  /**
   * Begins to deliver. Resolves when the store has answered.
   *
   * Errors: `already-started`, `already-closed`, `feed-not-found`, `invalid-argument`, those of the store. One that was refused may be started again.
   */
  start(options?: StartOptions): Promise<void>;
  /** Resolves when the history is handled; rejects when the listener stops before that. Nobody has to await it. */
  readonly live: Promise<void>;
  /** The last event that was handled, or behind which it was started. While an event is being handled, it is the one before. */
  readonly checkpoint: Checkpoint;
  readonly health: FeedHealth;
  /** What is committed and not handled yet. Asks the store. Errors: those of the store. */
  lag(options?: CallOptions): Promise<FeedLag>;
  /** Resolves when everything is handled up to a position. Errors: `not-started`, `not-caught-up`, the signal's reason, and what has stopped it. */
  caughtUpTo(position: Position, options?: CatchUpOptions): Promise<void>;
  /** Resolves when everything is handled that was committed before the call. Errors: those of {@link caughtUpTo}, and of the store. */
  caughtUp(options?: CatchUpOptions): Promise<void>;
  /**
   * Holds delivery up: resolves when the event that is being delivered is delivered and recorded. Not to be awaited by a handler. Holds are granted one after another;
   * closing the listener releases them. Errors: the signal's reason.
   */
  hold(options?: { readonly signal?: AbortSignal }): Promise<DeliveryHold>;
  /** Ends delivery and waits for the handler that is running; not to be awaited by a handler. Calling it again waits for the same. */
  close(): Promise<void>;
}

/**
 * Makes a listener, which delivers nothing before it is started.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * await using listener = createListener(bank.category(Account));
 * listener.on(AmountDeposited, (event, { position }) => console.log(position, event.amount));
 * await listener.start();
 */
export function createListener(feed: EventFeed, options: ListenerOptions = {}): Listener {
  checkFeed(feed);
  checkKeys("options of a listener", options, ["name"]);
  const { name = `The listener to ${feed.name}` } = options;
  if (typeof name !== "string" || name === "") throw new InvalidArgument("The name of a listener", "text", name);
  return new QueuedListener(feed, name);
}

class QueuedListener implements Listener {
  readonly feed: EventFeed;
  readonly name: string;
  readonly #runtime = currentRuntime();
  readonly #dispatcher = new EventDispatcher();
  readonly #queue = new SerialQueue();
  readonly #holds = new Holds(this.#queue);
  readonly #live = new Deferred();
  readonly #liveHandlers: (() => unknown)[] = [];
  #delivery: FeedListener | undefined;
  #isClosed = false;

  constructor(feed: EventFeed, name: string) {
    this.feed = feed;
    this.name = name;
  }

  get live(): Promise<void> {
    return this.#live.promise;
  }

  get checkpoint(): Checkpoint {
    return this.#delivery?.checkpoint ?? beginningOf(this.feed);
  }

  get health(): FeedHealth {
    const status = this.#isClosed ? "closed" : "not-started";
    return this.#delivery?.health ?? { ...NOT_STARTED, status, feed: this.feed.name, checkpoint: this.checkpoint };
  }

  on<E extends EventBase>(eventClass: MessageClass<E>, handler: ReadModelHandler<E>): void {
    this.#dispatcher.register(eventClass, handler);
  }

  onLive(handler: () => unknown): void {
    if (typeof handler !== "function") throw new InvalidArgument("handler", "a function", handler);
    this.#liveHandlers.push(handler);
  }

  async start(options: StartOptions = {}): Promise<void> {
    if (this.#isClosed) throw new AlreadyClosed(this.name);
    if (this.#delivery !== undefined) throw new AlreadyStarted(this.name);
    const following = followingOf(this.feed, options);
    const delivery = new FeedListener(this.#owner(options), following);
    this.#delivery = delivery;
    try {
      await delivery.start();
    } catch (error) {
      this.#delivery = undefined;
      throw error;
    }
    delivery.live.promise.then(
      () => this.#live.resolve(),
      (error: Error) => this.#live.reject(error),
    );
  }

  lag(options: CallOptions = {}): Promise<FeedLag> {
    return (
      this.#delivery?.lag(options) ??
      measureLag({ feed: this.feed, checkpoint: this.checkpoint, handledUpTo: null }, this.#runtime.clock, options)
    );
  }

  async caughtUpTo(position: Position, options: CatchUpOptions = {}): Promise<void> {
    const wait = checkWait(options);
    await this.#started().caughtUpTo(checkPosition(position), wait);
  }

  async caughtUp(options: CatchUpOptions = {}): Promise<void> {
    const wait = checkWait(options);
    await catchUpWithLog(this.#started(), wait, this.#runtime);
  }

  hold({ signal }: { readonly signal?: AbortSignal } = {}): Promise<DeliveryHold> {
    return this.#holds.take(signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#holds.close();
    this.#live.reject(new AlreadyClosed(this.name));
    await this.#delivery?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #owner(options: StartOptions): ListenerOwner {
    return {
      name: this.name,
      dispatcher: this.#dispatcher,
      queue: this.#queue,
      runtime: this.#runtime,
      wentLive: () => callAll(this.#liveHandlers),
      progressed: () => undefined,
      ...noticesOf(options),
    };
  }

  #started(): FeedListener {
    if (this.#delivery !== undefined) return this.#delivery;
    throw this.#isClosed ? new AlreadyClosed(this.name) : new NotStarted(this.name);
  }
}

const NOT_STARTED: Omit<FeedHealth, "feed" | "status" | "checkpoint"> = {
  handledUpTo: null,
  progressAgeMs: null,
  busyWith: null,
  isHeld: false,
  interruptions: 0,
  error: undefined,
};
