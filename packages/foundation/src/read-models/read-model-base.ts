import { AlreadyClosed, currentRuntime, InvalidArgument, type Position, type Runtime } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { CallOptions, EventStore } from "@reactive-domain/persistence";
import type { Checkpoint } from "../listeners/checkpoint.ts";
import { EventDispatcher, type ReadModelHandler } from "../listeners/event-dispatcher.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import type { FeedHealth, FeedLag } from "../listeners/feed-health.ts";
import { SerialQueue } from "../listeners/serial-queue.ts";
import { checkPosition, checkWait, type CatchUpOptions } from "../listeners/waiters.ts";
import { ReadModelBusy } from "./errors.ts";
import { KeptSnapshots, type KeepOptions, type SnapshotKeeping } from "./kept-snapshots.ts";
import { ModelCapture, type ReadModelSnapshot } from "./model-capture.ts";
import { ModelListeners } from "./model-listeners.ts";
import { applyTo, GivenContext, type OutsideContext, type PublishOptions } from "./outside-input.ts";
import { readBetween } from "./read-between.ts";
import type { StartOptions } from "../listeners/start-options.ts";

/**
 * The base of read models: a subclass registers handlers in its constructor and keeps what they learn, in memory or elsewhere. Handlers of one model never run
 * at the same time; the events of a feed come in the order of the log.
 *
 * @example
 * class Balances extends ReadModelBase {
 *   readonly #balances = new Map<string, number>();
 *   constructor() {
 *     super();
 *     this.on(AmountDeposited, (event) => this.#balances.set(event.accountId, this.of(event.accountId) + event.amount));
 *   }
 *   of(accountId: string): number { return this.#balances.get(accountId) ?? 0; }
 * }
 */
export abstract class ReadModelBase implements AsyncDisposable {
  readonly #dispatcher = new EventDispatcher();
  readonly #queue = new SerialQueue();
  readonly #runtime: Runtime = currentRuntime();
  readonly #listeners: ModelListeners;
  readonly #capture: ModelCapture;
  #kept: KeptSnapshots | undefined;
  #closing: Promise<void> | undefined;

  constructor() {
    const core = {
      name: this.constructor.name,
      dispatcher: this.#dispatcher,
      queue: this.#queue,
      runtime: this.#runtime,
      progressed: (events: number) => this.#kept?.progressed(events),
    };
    this.#listeners = new ModelListeners(core, this);
    this.#capture = new ModelCapture(core, this.#listeners);
  }

  /** Registers a handler for the events of a class and of those that derive from it. Events without a handler are passed over. */
  protected on<E extends EventBase>(eventClass: MessageClass<E>, handler: ReadModelHandler<E>): void {
    this.#dispatcher.register(eventClass, handler);
  }

  /**
   * Takes a feed: its history first, then new events as they are committed. Resolves when the store has answered; {@link live} tells when the history is handled.
   * A feed that is started twice is handled twice. One that the store interrupts goes on behind the last event that was handled.
   *
   * Errors: `already-closed`, `capture-refused` while a snapshot is being captured, `feed-not-found`, `invalid-argument`, those of the store.
   */
  async start(feed: EventFeed, options: StartOptions = {}): Promise<void> {
    this.#capture.refuseStart();
    await this.#listeners.start(feed, options);
  }

  /**
   * Resolves when the handlers have finished the history of everything started so far; at once when nothing was.
   * Rejects when a feed stops before that, or the model is closed. Nobody has to await it.
   */
  get live(): Promise<void> {
    return this.#listeners.live;
  }

  /**
   * Calls a function once, in the model's queue, behind the history of everything that is started by then, and before {@link live} resolves. A model that is live
   * already calls it behind what it has in hand. It must not await {@link live}, which waits for it. What it throws is a fault of the feed that went live last, or else a warning of the process.
   *
   * Errors: `invalid-argument`.
   */
  onceLive(handler: () => unknown): void {
    this.#listeners.onceLive(handler);
  }

  /** How far this model is, by feed. */
  get health(): readonly FeedHealth[] {
    return this.#listeners.health;
  }

  /** What is committed and not handled yet, by feed. Asks the store. Errors: those of the store. */
  lag(options: CallOptions = {}): Promise<readonly FeedLag[]> {
    return this.#listeners.lag(options);
  }

  /** By feed, the last event that was handled, or behind which it went on. Also of feeds that a restored snapshot has and that are not started yet. */
  get checkpoints(): readonly Checkpoint[] {
    return this.#listeners.checkpoints;
  }

  /** The position of the furthest of the {@link checkpoints}; `null` where none has one. */
  get highWaterMark(): Position | null {
    const known = this.checkpoints.map(({ position }) => position).filter((position) => position !== null);
    return known.length === 0 ? null : (Math.max(...known) as Position);
  }

  /** The position of the nearest of the {@link checkpoints}; `null` where any has none, since nothing is known of it then. */
  get lowWaterMark(): Position | null {
    const positions = this.checkpoints.map(({ position }) => position);
    return positions.length === 0 || positions.includes(null) ? null : (Math.min(...(positions as readonly Position[])) as Position);
  }

  /**
   * Resolves when every feed is handled up to a position: that of a save, to read what was written.
   *
   * Errors: `not-caught-up` after `timeoutMs`; what has stopped a feed.
   */
  async caughtUpTo(position: Position, options: CatchUpOptions = {}): Promise<void> {
    await this.#listeners.caughtUpTo(checkPosition(position), checkWait(options));
  }

  /**
   * Resolves when everything is handled that was committed before the call.
   *
   * Errors: `not-caught-up` after `timeoutMs`; what has stopped a feed; those of the store.
   */
  async caughtUp(options: CatchUpOptions = {}): Promise<void> {
    await this.#listeners.caughtUp(checkWait(options));
  }

  /**
   * Reads the model between two events: a handler that waits for something in the middle of its work is let finish first, so that nobody sees half of what it does.
   * No event is handled until an asynchronous `look` has settled, or `timeoutMs` is over: what it answers then is thrown away. Not to be awaited by a handler of the
   * same model, which would wait for itself.
   *
   * Errors: `already-closed`, `read-model-busy` after `timeoutMs`, the signal's reason, what has stopped a feed for good, and what `look` throws.
   */
  async read<T>(look: () => T | Promise<T>, options: CatchUpOptions = {}): Promise<T> {
    const { timeoutMs, signal } = checkWait(options);
    const name = this.constructor.name;
    const timedOut = (hasBegun: boolean): Error =>
      new ReadModelBusy(name, hasBegun ? "this reader itself" : (this.#listeners.busyWith ?? "another reader"), timeoutMs);
    const sound = (): T | Promise<T> => {
      if (this.#listeners.isClosed) throw new AlreadyClosed(name);
      const problem = this.#listeners.fault ?? this.#capture.broken;
      if (problem !== undefined) throw problem as Error;
      return look();
    };
    return readBetween(this.#queue, sound, { timeoutMs, signal, runtime: this.#runtime, timedOut });
  }

  /**
   * Hands an event from outside of its feeds to the model's handlers, in its queue. Resolves when they have handled it. Until its origin is recorded, no snapshot can be
   * captured, since no checkpoint would tell of it. Not to be awaited by a handler of the same model, nor within a look of {@link read}, which would wait for itself.
   *
   * Errors: `already-closed`, `invalid-argument` for an origin that is none, and what the handlers throw: no snapshot can be captured then.
   */
  async publish(event: EventBase, { context = {}, origin }: PublishOptions = {}): Promise<void> {
    await this.#capture.receive(() => this.apply(event, context), origin);
  }

  /**
   * Calls the handlers of an event at once, outside of the queue: for `restoreFromSnapshot`, and for handlers. Answers a promise where a handler does. But within
   * `restoreFromSnapshot` it is input from outside, as of {@link publish}.
   */
  protected apply(event: EventBase, context: OutsideContext = {}): Promise<void> | undefined {
    this.#capture.noteInput();
    return applyTo(this.#dispatcher.handlersOf(event), event, new GivenContext(event, context));
  }

  /** Records how far input from outside of the feeds is handled. It travels with snapshots, and starts nothing. Errors: `invalid-argument`. */
  recordExternal(checkpoint: Checkpoint): void {
    this.#capture.recordExternal(checkpoint);
  }

  /** What was recorded by {@link recordExternal}, here or in the snapshot that was restored. Known when the state is restored. */
  get externalCheckpoints(): readonly Checkpoint[] {
    return this.#capture.external;
  }

  /**
   * Takes the model's state at a moment between two events, and exactly which events it is the fold of; handling goes on. The model has a `takeSnapshot`, which
   * answers JSON data, and a `restoreFromSnapshot`, see {@link SnapshotSource}. Not to be awaited by a handler, which would wait for itself.
   *
   * Errors: `capture-refused` and `invalid-argument`, thrown at once; rejects with `already-closed` when the model closes, `not-serializable`, and what `takeSnapshot` throws.
   */
  capture(): Promise<ReadModelSnapshot> {
    return this.#capture.capture(this);
  }

  /**
   * Takes over a state that was captured, before anything is started. Feeds that are started afterwards go on behind the snapshot's checkpoint of their name.
   *
   * Errors: `invalid-argument` when something was started, restored or published before; `already-closed`; what `restoreFromSnapshot` throws: make another model then.
   */
  restore(snapshot: ReadModelSnapshot): void {
    this.#capture.restore(this, snapshot);
  }

  /**
   * Restores the state that a store has of this model, if there is one that fits, and keeps it from now on: when the model is live, and so many events or so much
   * time lie behind the last one. What fails is a warning of the process. Call it before {@link start}, with the store that its feeds are of: what is kept of a longer
   * log than that one is passed over, with a warning.
   *
   * Errors: `invalid-argument`, also when something was started, restored or published before; `already-closed`, `not-supported`, those of the store, what
   * `restoreFromSnapshot` throws.
   */
  async keepSnapshots(store: EventStore, options: KeepOptions): Promise<SnapshotKeeping> {
    if (this.#kept !== undefined) throw new InvalidArgument("keepSnapshots", "called once", "called again");
    this.#capture.checkRestorable(this);
    const kept = new KeptSnapshots(
      {
        name: this.constructor.name,
        runtime: this.#runtime,
        isReady: () => this.#listeners.haveBeenLive && !this.#listeners.isEmpty && this.#listeners.fault === undefined,
        capture: () => this.#capture.captureMeanwhile(this),
        restore: (snapshot) => this.restore(snapshot),
      },
      store,
      options,
    );
    this.#kept = kept;
    try {
      await kept.restore();
      return kept;
    } catch (error) {
      this.#kept = undefined;
      throw error;
    }
  }

  /** Ends all feeds and waits for the handler that is running; not to be awaited by a handler, which would wait for itself. Calling it again waits for the same. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#kept?.isKeptOnClose === true) await this.#kept.finish();
    const closing = this.#listeners.close();
    this.#capture.close();
    await Promise.all([closing, this.#kept?.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
