import { AlreadyClosed, currentRuntime, InvalidArgument, warn, type Position, type Runtime, type Version } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { After } from "@reactive-domain/persistence";
import type { ReadModelFaulted } from "./errors.ts";
import { EventDispatcher, type ReadModelHandler } from "./event-dispatcher.ts";
import type { EventFeed } from "./event-feed.ts";
import { FeedListener, type CatchUpWait, type ListenerStatus } from "./feed-listener.ts";
import { SerialQueue } from "./serial-queue.ts";

export interface StartOptions {
  /** Leaves out what was handled before: everything up to this position, or up to this version of a single stream. */
  readonly from?: After<Position> | After<Version>;
  /** Ends the feed when it aborts: it is told as a fault. */
  readonly signal?: AbortSignal;
  /**
   * Told when a handler has thrown or the feed has broken, and the read model takes no more of it. It is not waited for; when it fails itself, both are warnings.
   * Default: a warning of the process on standard error.
   */
  readonly onFault?: (error: ReadModelFaulted) => unknown;
}

/** How far a read model is with one feed. */
export interface FeedHealth {
  readonly feed: string;
  readonly status: ListenerStatus;
  /** Everything of the feed up to this position is handled, here or before the model was started from there; `null` before anything is. */
  readonly handledUpTo: Position | null;
  /** Why it stopped. */
  readonly error: Error | undefined;
}

export interface CatchUpOptions {
  /** The longest wait, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * The base of read models: a subclass registers handlers in its constructor and keeps what they learn, in memory or elsewhere. Handlers of one model never run
 * at the same time; the events of a feed come in the order of the log.
 */
export abstract class ReadModelBase implements AsyncDisposable {
  readonly #dispatcher = new EventDispatcher();
  readonly #queue = new SerialQueue();
  readonly #runtime: Runtime = currentRuntime();
  readonly #listeners: FeedListener[] = [];
  #isClosed = false;

  /** Registers a handler for the events of a class and of those that derive from it. Events without a handler are passed over. */
  protected on<E extends EventBase>(eventClass: MessageClass<E>, handler: ReadModelHandler<E>): void {
    this.#dispatcher.register(eventClass, handler);
  }

  /**
   * Takes a feed: its history first, then new events as they are committed. Resolves when the store has answered; {@link live} tells when the history is handled.
   * A feed that is started twice is handled twice.
   *
   * Errors: `already-closed`, those of the store.
   */
  async start(feed: EventFeed, options: StartOptions = {}): Promise<void> {
    if (this.#isClosed) throw new AlreadyClosed(this.constructor.name);
    const { from = "start", onFault = warn, signal } = options;
    const subscription = feed.store.subscribe(feed.source, {
      from,
      ...(feed.filter === undefined ? undefined : { filter: feed.filter }),
      ...(signal === undefined ? undefined : { signal }),
    });
    const owner = {
      name: this.constructor.name,
      dispatcher: this.#dispatcher,
      queue: this.#queue,
      runtime: this.#runtime,
      onFault: (fault: ReadModelFaulted) => void tell(fault, onFault),
    };
    const listener = new FeedListener(owner, feed, subscription, resumePosition(feed, from));
    this.#listeners.push(listener);
    await listener.start();
  }

  /**
   * Resolves when the handlers have finished the history of everything started so far; at once when nothing was.
   * Rejects when a feed stops before that, or the model is closed. Nobody has to await it.
   */
  get live(): Promise<void> {
    const all = Promise.all(this.#listeners.map(({ live }) => live.promise)).then(() => undefined);
    all.catch(() => undefined);
    return all;
  }

  /** How far this model is, by feed. */
  get health(): readonly FeedHealth[] {
    return this.#listeners.map(({ feed, status, handledUpTo, error }) => ({ feed: feed.name, status, handledUpTo, error }));
  }

  /**
   * Resolves when every feed is handled up to a position: that of a save, to read what was written.
   *
   * Errors: `not-caught-up` after `timeoutMs`; what has stopped a feed.
   */
  async caughtUpTo(position: Position, options: CatchUpOptions = {}): Promise<void> {
    const wait = checkWait(options);
    await Promise.all(this.#listeners.map((listener) => listener.caughtUpTo(position, wait)));
  }

  /**
   * Resolves when everything is handled that was committed before the call.
   *
   * Errors: `not-caught-up` after `timeoutMs`; what has stopped a feed; those of the store.
   */
  async caughtUp(options: CatchUpOptions = {}): Promise<void> {
    const wait = checkWait(options);
    await Promise.all(this.#listeners.map((listener) => listener.caughtUp(wait)));
  }

  /** Ends all feeds and waits for the handler that is running; not to be awaited by a handler, which would wait for itself. Calling it again waits for the same. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checkWait({ timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CatchUpOptions): CatchUpWait {
  if (!(timeoutMs > 0)) throw new InvalidArgument("timeoutMs", "a number above 0", timeoutMs);
  return { timeoutMs, signal };
}

/** Where a feed goes on from. That of a single stream goes on from a version, which tells no position. */
function resumePosition(feed: EventFeed, from: "start" | After<Position> | After<Version>): Position | null {
  return from === "start" || "stream" in feed.source ? null : (from.after as Position);
}

/** Whoever fails to take a fault must neither hide it nor end the process. */
async function tell(fault: ReadModelFaulted, onFault: (error: ReadModelFaulted) => unknown): Promise<void> {
  try {
    await onFault(fault);
  } catch (failure) {
    warn(fault);
    warn(failure);
  }
}
