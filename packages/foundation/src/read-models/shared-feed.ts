import { AlreadyClosed, currentRuntime, InvalidArgument, type Position, type Runtime } from "@reactive-domain/core";
import { after, type SubscriptionMessage } from "@reactive-domain/persistence";
import type { Checkpoint } from "../listeners/checkpoint.ts";
import { AlreadyStarted, FeedFaulted } from "../listeners/errors.ts";
import { follow, type EventFeed, type FeedMessages, type FeedStart } from "../listeners/event-feed.ts";
import type { FeedStatus } from "../listeners/feed-health.ts";
import { Resumption, resumption, type ResumeOptions } from "../listeners/resumption.ts";
import { checkFeed, type StartOptions } from "../listeners/start-options.ts";
import type { ReadModelBase } from "./read-model-base.ts";
import { Relay } from "./relay.ts";

export interface SharedStartOptions {
  /** How reading goes on after the store has interrupted it. Default: as of a read model. */
  readonly resume?: ResumeOptions | false;
  /** Ends reading when it aborts: each model tells it as a fault. */
  readonly signal?: AbortSignal;
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
   * Has a model take part: each event that two of its feeds have it handles twice. One that was restored gets what lies behind its checkpoint of this feed, or behind `from`, another all of the history.
   *
   * Errors: `already-started`, `invalid-argument`.
   */
  attach(model: ReadModelBase, options?: StartOptions): void;
  /**
   * Reads the store once, from behind the nearest checkpoint, for all models that are attached. Resolves when they are started. A model that is slow holds the
   * others up; one that is closed or stops leaves them alone. Reading ends when all are closed.
   *
   * Errors: `already-started`, and those of a read model's start.
   */
  start(options?: SharedStartOptions): Promise<void>;
  /** Resolves when all models have handled the history. Rejects when one stops before that, or is closed. Nobody has to await it. */
  readonly live: Promise<void>;
  /** How the reading goes; how far each model is, its own health tells. */
  readonly health: SharedHealth;
  /** The last event that was read when the history was at its end; without a position before that, and where there was none. */
  readonly checkpoint: Checkpoint;
}

/**
 * Shares the reading of a feed among read models.
 *
 * Errors: `invalid-argument` for what is no feed, and for that of a single stream.
 *
 * @example
 * const shared = shareFeed(bank.category(Account));
 * shared.attach(balances);
 * shared.attach(statistics);
 * await shared.start();
 */
export function shareFeed(feed: EventFeed): SharedFeed {
  checkFeed(feed);
  if ("stream" in feed.source) throw new InvalidArgument("feed", "one of a category, an event type or all events", feed.name);
  return new RelayedFeed(feed);
}

interface Attached {
  readonly model: ReadModelBase;
  readonly options: StartOptions;
}

class RelayedFeed implements SharedFeed {
  readonly feed: EventFeed;
  readonly #runtime: Runtime = currentRuntime();
  readonly #attached: Attached[] = [];
  #status: FeedStatus = "not-started";
  #resumptions = new Resumption(resumption(false));
  #error: unknown;
  #isLive = false;
  #readTo: Position | null = null;
  #wentLiveAt: Position | null = null;

  constructor(feed: EventFeed) {
    this.feed = feed;
  }

  get live(): Promise<void> {
    const all = Promise.all(this.#attached.map(({ model }) => model.live)).then(() => undefined);
    all.catch(() => undefined);
    return all;
  }

  get health(): SharedHealth {
    const { interruptions } = this.#resumptions;
    return { feed: this.feed.name, status: this.#status, readUpTo: this.#readTo, interruptions, error: this.#error };
  }

  get checkpoint(): Checkpoint {
    return { feed: this.feed.name, version: null, position: this.#wentLiveAt };
  }

  attach(model: ReadModelBase, options: StartOptions = {}): void {
    this.#refuseStarted("attached");
    if (typeof model?.start !== "function") throw new InvalidArgument("model", "a read model", model);
    if (options.from === "end") throw new InvalidArgument("from", "start, or a place in the history", options.from);
    this.#attached.push({ model, options });
  }

  async start({ resume, signal }: SharedStartOptions = {}): Promise<void> {
    this.#refuseStarted("started again");
    this.#resumptions = new Resumption(resumption(resume));
    this.#status = "catching-up";
    const starts = this.#attached.map((attached) => this.#begin(attached));
    const relays = (await Promise.all(starts.map(({ opened }) => opened))).filter((relay) => relay !== undefined);
    if (relays.length > 0) void this.#pump(relays, signal);
    await Promise.all(starts.map(({ started }) => started));
  }

  /** Starts a model on a relay. Where the start is refused there is none. */
  #begin({ model, options }: Attached): { readonly started: Promise<void>; readonly opened: Promise<Relay | undefined> } {
    let open: (relay: Relay | undefined) => void = () => undefined;
    const opened = new Promise<Relay | undefined>((resolve) => {
      open = resolve;
    });
    let isOpened = false;
    const followRelay = (start: FeedStart): FeedMessages => {
      // One that was interrupted by itself catches up by itself: the others are elsewhere by then.
      if (isOpened) return follow(this.feed, start);
      isOpened = true;
      const relay = new Relay(start);
      open(relay);
      return relay;
    };
    const started = model.start({ ...this.feed, follow: followRelay }, options);
    const answered = (): void => open(undefined);
    started.then(answered, answered);
    return { started, opened };
  }

  /** Hands each message of the store to all relays, until all are closed or reading fails for good. */
  async #pump(relays: readonly Relay[], signal: AbortSignal | undefined): Promise<void> {
    const closing = new AbortController();
    void Promise.all(relays.map(({ closed }) => closed)).then(() => closing.abort(new AlreadyClosed(this.feed.name)));
    const either = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    this.#readTo = lowest(relays);
    this.#wentLiveAt = this.#readTo;
    while (this.#status !== "closed" && this.#status !== "faulted") {
      const messages = follow(this.feed, { from: this.#readTo === null ? "start" : after(this.#readTo), signal: either });
      try {
        await this.#relayAll(messages, relays);
      } catch (error) {
        const failure = await this.#outlive(error, either);
        if (failure === undefined) continue;
        this.#status = closing.signal.aborted ? "closed" : "faulted";
        // A model must not go on by itself from what was given up for all.
        const fault = new FeedFaulted("The shared read", this.feed.name, "between events", failure);
        this.#error = fault;
        for (const relay of relays) relay.fail(fault);
      } finally {
        await messages.close();
      }
    }
  }

  async #relayAll(messages: FeedMessages, relays: readonly Relay[]): Promise<never> {
    for (let step = await messages.next(); step.done !== true; step = await messages.next()) {
      const message = step.value;
      this.#resumptions.reset();
      if (this.#status === "interrupted") [this.#status, this.#error] = ["catching-up", undefined];
      this.#note(message);
      await Promise.all(relays.map((relay) => relay.offer(message)));
    }
    throw new AlreadyClosed(`The subscription to ${this.feed.name}`);
  }

  /** Waits until reading may go on, and answers nothing; or why it may not. */
  async #outlive(error: unknown, signal: AbortSignal): Promise<unknown> {
    this.#error = error;
    if (signal.aborted || !this.#resumptions.allows(error)) return error;
    this.#status = "interrupted";
    try {
      await this.#resumptions.pause([signal], this.#runtime);
      return undefined;
    } catch (reason) {
      return reason;
    }
  }

  #note(message: SubscriptionMessage): void {
    if (message.upTo !== null) this.#readTo = message.upTo;
    const last = message.kind === "events" ? message.events.at(-1)?.position : undefined;
    if (last !== undefined && !this.#isLive) this.#wentLiveAt = last;
    if (message.kind !== "live") return;
    this.#isLive = true;
    this.#status = "live";
  }

  #refuseStarted(what: string): void {
    if (this.#status === "not-started") return;
    throw new AlreadyStarted(
      `The shared read of ${this.feed.name}`,
      `What is ${what} now would miss history and the live signal: attach all models first, or share the feed anew.`,
    );
  }
}

/** The place before which nobody wants anything; `null` for the beginning. */
function lowest(relays: readonly Relay[]): Position | null {
  const places = relays.map(({ behind }) => behind);
  return places.includes(null) ? null : (Math.min(...(places as readonly Position[])) as Position);
}
