import {
  AlreadyClosed,
  checkKeys,
  currentRuntime,
  EitherSignal,
  InvalidArgument,
  type Position,
  type Runtime,
} from "@reactive-domain/core";
import { after, AheadOfLog, type SubscriptionMessage } from "@reactive-domain/persistence";
import type { Checkpoint } from "../listeners/checkpoint.ts";
import { AlreadyStarted, FeedFaulted } from "../listeners/errors.ts";
import { follow, type EventFeed, type FeedMessages, type FeedStart } from "../listeners/event-feed.ts";
import type { FeedStatus } from "../listeners/feed-health.ts";
import { headOf } from "../listeners/lag.ts";
import { Resumption, resumption } from "../listeners/resumption.ts";
import { checkFeed, noticesOf, type StartOptions } from "../listeners/start-options.ts";
import type { ReadModelBase } from "./read-model-base.ts";
import { Relay } from "./relay.ts";
import type { SharedFeed, SharedHealth, SharedStartOptions } from "./shared-feed.ts";

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

/** A model on its way. */
interface Beginning {
  readonly started: Promise<void>;
  /** Its relay, when it is known whether there is one. */
  readonly opened: Promise<Relay | undefined>;
}

class RelayedFeed implements SharedFeed {
  readonly feed: EventFeed;
  readonly #runtime: Runtime = currentRuntime();
  readonly #attached: Attached[] = [];
  #status: FeedStatus = "not-started";
  #resumptions = new Resumption(resumption(false));
  #error: unknown;
  #notices = noticesOf({});
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
    if (this.#attached.some((one) => one.model === model))
      throw new InvalidArgument("model", "one that is not attached yet", model.constructor.name);
    this.#attached.push({ model, options });
  }

  async start(options: SharedStartOptions = {}): Promise<void> {
    checkKeys("options to start a shared feed", options, ["resume", "signal", "onInterruption"]);
    const { resume, signal, onInterruption } = options;
    this.#refuseStarted("started again");
    this.#resumptions = new Resumption(resumption(resume));
    this.#status = "catching-up";
    this.#notices = noticesOf(onInterruption === undefined ? {} : { onInterruption });
    const starts = this.#attached.map((attached) => this.#begin(attached));
    const opened = await Promise.all(starts.map((start) => start.opened));
    const relays = opened.filter((relay) => relay !== undefined);
    try {
      // What never came to a relay was refused, or is closed.
      await Promise.all(starts.filter((_, index) => opened[index] === undefined).map(({ started }) => started));
      await refuseAhead(this.feed, relays);
    } catch (error) {
      this.#fail("faulted", error, relays);
      throw error;
    }
    if (relays.length === 0) this.#status = "closed";
    else void this.#pump(relays, signal);
    await Promise.all(starts.map(({ started }) => started));
  }

  #fail(status: "faulted" | "closed", error: unknown, relays: readonly Relay[]): void {
    this.#status = status;
    this.#error = error;
    for (const relay of relays) relay.fail(error);
  }

  /** Starts a model on a relay. Where the start is refused there is none. */
  #begin({ model, options }: Attached): Beginning {
    let relay: Relay | undefined;
    let open: (relay: Relay | undefined) => void = () => undefined;
    const opened = new Promise<Relay | undefined>((resolve) => {
      open = resolve;
    });
    const followRelay = (start: FeedStart): FeedMessages => {
      // One that was interrupted by itself catches up by itself: the others are elsewhere by then.
      if (relay !== undefined) return follow(this.feed, start);
      relay = new Relay(start);
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
    using either = new EitherSignal(signal, closing.signal);
    this.#readTo = lowest(relays);
    this.#wentLiveAt = this.#readTo;
    while (this.#status !== "closed" && this.#status !== "faulted") {
      const messages = follow(this.feed, { from: this.#readTo === null ? "start" : after(this.#readTo), signal: either.signal });
      try {
        await this.#relayAll(messages, relays);
      } catch (error) {
        const failure = await this.#outlive(error, either.signal);
        if (failure === undefined) continue;
        // A model must not go on by itself from what was given up for all.
        const fault = new FeedFaulted("The shared read", this.feed.name, "between events", failure);
        this.#fail(closing.signal.aborted ? "closed" : "faulted", fault, relays);
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
    this.#notices.interrupted(error as Error);
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

/** A place that the log has not come to belongs to another log. */
async function refuseAhead(feed: EventFeed, relays: readonly Relay[]): Promise<void> {
  const furthest = Math.max(-1, ...relays.map(({ behind }) => behind ?? -1));
  if (furthest === -1) return;
  const head = await headOf(feed.store);
  if (furthest > (head ?? -1)) throw new AheadOfLog("The shared read", furthest, head);
}

/** The place before which nobody wants anything; `null` for the beginning. */
function lowest(relays: readonly Relay[]): Position | null {
  const places = relays.map(({ behind }) => behind);
  return places.includes(null) ? null : (Math.min(...(places as readonly Position[])) as Position);
}
