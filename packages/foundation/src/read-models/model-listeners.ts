import { AlreadyClosed, InvalidArgument, warn, type Position, type Runtime } from "@reactive-domain/core";
import type { CallOptions } from "@reactive-domain/persistence";
import { callAll } from "../listeners/call-all.ts";
import { catchUpWithLog } from "../listeners/catch-up.ts";
import type { Checkpoint } from "../listeners/checkpoint.ts";
import type { EventDispatcher } from "../listeners/event-dispatcher.ts";
import { FeedNotFound } from "../listeners/errors.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import { shownBusy, type FeedHealth, type FeedLag } from "../listeners/feed-health.ts";
import { FeedListener } from "../listeners/feed-listener.ts";
import type { SerialQueue } from "../listeners/serial-queue.ts";
import type { CatchUpWait } from "../listeners/waiters.ts";
import { followingOf, noticesOf, type StartOptions } from "../listeners/start-options.ts";

/** What all parts of a read model share. */
export interface ModelCore {
  readonly name: string;
  readonly dispatcher: EventDispatcher;
  readonly queue: SerialQueue;
  readonly runtime: Runtime;
  /** Called in the queue, when so many events have been handled. */
  readonly progressed: (events: number) => void;
}

const listenersBy = new WeakMap<object, ModelListeners>();

/** The feeds of a read model, for what waits for them one by one. */
export function listenersOf(model: object): readonly FeedListener[] {
  return listenersBy.get(model)?.all ?? [];
}

/** All feeds of a read model. */
export class ModelListeners {
  readonly #core: ModelCore;
  #listeners: readonly FeedListener[] = [];
  /** What a snapshot had handled, and no feed has gone on from yet. */
  #restored: readonly Checkpoint[] = [];
  #armed: (() => unknown)[] = [];
  #isClosed = false;

  constructor(core: ModelCore, model: object) {
    this.#core = core;
    listenersBy.set(model, this);
  }

  get all(): readonly FeedListener[] {
    return this.#listeners;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether anything was started. */
  get isEmpty(): boolean {
    return this.#listeners.length === 0;
  }

  /** Whether all that was started has handled its history. */
  get haveBeenLive(): boolean {
    return this.#listeners.every(({ hasBeenLive }) => hasBeenLive);
  }

  /** The name of two feeds that are not of the same store. */
  get ambiguousFeed(): string | undefined {
    const all = this.#listeners.map(({ feed }) => feed);
    return all.find((feed) => all.some(({ name, store }) => name === feed.name && store !== feed.store))?.name;
  }

  /** What has stopped a feed for good. */
  get fault(): Error | undefined {
    return this.#listeners.find(({ status }) => status === "faulted")?.health.error;
  }

  get live(): Promise<void> {
    const all = Promise.all(this.#listeners.map(({ live }) => live.promise)).then(() => undefined);
    all.catch(() => undefined);
    return all;
  }

  get health(): readonly FeedHealth[] {
    return this.#listeners.map(({ health }) => health);
  }

  get checkpoints(): readonly Checkpoint[] {
    return [...this.#restored, ...this.#listeners.filter((one) => !hasFailedToStart(one)).map(({ checkpoint }) => checkpoint)];
  }

  get busyWith(): string | undefined {
    return this.health.map(({ busyWith }) => shownBusy(busyWith)).find((busy) => busy !== null) ?? undefined;
  }

  /** From where feeds go on that are started without another place. */
  restore(checkpoints: readonly Checkpoint[]): void {
    this.#restored = [...checkpoints];
  }

  async start(feed: EventFeed, options: StartOptions): Promise<void> {
    if (this.#isClosed) throw new AlreadyClosed(this.#core.name);
    const restored = this.#restored.find((one) => one.feed === feed?.name);
    const following = followingOf(feed, options, restored);
    const { dispatcher, name, queue, runtime, progressed } = this.#core;
    const wentLive = (): Promise<void> | undefined => this.#wentLive();
    const listener = new FeedListener({ name, dispatcher, queue, runtime, progressed, wentLive, ...noticesOf(options) }, following);
    // A start that failed and is tried again is not one of two.
    const failed = this.#listeners.find((one) => one.feed.name === feed.name && hasFailedToStart(one));
    this.#listeners = [...this.#listeners.filter((one) => one !== failed), listener];
    this.#restored = this.#restored.filter((one) => one !== restored);
    try {
      await listener.start();
    } catch (error) {
      if (restored !== undefined) this.#restored = [...this.#restored, restored];
      if (isRefusal(error)) this.#remove(listener);
      throw error;
    }
  }

  /** Calls a function behind the history of all that was started, or in the queue where that is handled already. */
  onceLive(handler: () => unknown): void {
    if (typeof handler !== "function") throw new InvalidArgument("handler", "a function", handler);
    if (this.isEmpty || !this.haveBeenLive) this.#armed.push(handler);
    else void this.#core.queue.run(handler).catch(warn);
  }

  lag(options: CallOptions): Promise<readonly FeedLag[]> {
    return Promise.all(this.#listeners.map((listener) => listener.lag(options)));
  }

  async caughtUpTo(position: Position, wait: CatchUpWait): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.caughtUpTo(position, wait)));
  }

  async caughtUp(wait: CatchUpWait): Promise<void> {
    wait.signal?.throwIfAborted();
    await Promise.all(this.#listeners.map((listener) => catchUpWithLog(listener, wait, this.#core.runtime)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  /** Those that are armed may have waited for this one alone. */
  #remove(listener: FeedListener): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener);
    if (!this.isEmpty) void this.#core.queue.run(() => this.#wentLive()).catch(warn);
  }

  #wentLive(): Promise<void> | undefined {
    if (this.#armed.length === 0 || !this.haveBeenLive) return undefined;
    const armed = this.#armed;
    this.#armed = [];
    return callAll(armed);
  }
}

function hasFailedToStart({ status, hasStarted }: FeedListener): boolean {
  return status === "faulted" && !hasStarted;
}

/** Whether a start was asked for wrongly, and is as if it had not been. */
function isRefusal(error: unknown): boolean {
  return error instanceof InvalidArgument || error instanceof FeedNotFound;
}
