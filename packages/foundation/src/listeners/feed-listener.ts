import { AlreadyClosed, EitherSignal, version, type Position, type Version } from "@reactive-domain/core";
import { after, type CallOptions, type RecordedEvent, type SubscriptionMessage } from "@reactive-domain/persistence";
import type { Checkpoint } from "./checkpoint.ts";
import { Deferred } from "./deferred.ts";
import { NotCaughtUp, type WantedPlace } from "./errors.ts";
import { follow, leave, type EventFeed, type FeedMessages, type FeedStart } from "./event-feed.ts";
import { EventHandling } from "./event-handling.ts";
import { shownBusy, type FeedHealth, type FeedLag, type FeedStatus } from "./feed-health.ts";
import { FeedProgress } from "./feed-progress.ts";
import { measureLag } from "./lag.ts";
import { Resumption } from "./resumption.ts";
import type { Following, ListenerOwner } from "./listener-owner.ts";
import { MakingWay } from "./making-way.ts";
import { knownBehind, resumePoint } from "./resume-point.ts";
import { Waiters, type CatchUpWait } from "./waiters.ts";

/** Takes one feed to its handlers: follows it, hands each batch to its owner's queue, goes on after interruptions, and tells how far it is. */
export class FeedListener {
  readonly feed: EventFeed;
  readonly live = new Deferred();
  readonly #owner: ListenerOwner;
  readonly #following: Following;
  readonly #handling: EventHandling;
  #progress: FeedProgress;
  readonly #waiters: Waiters;
  readonly #makingWay: MakingWay;
  readonly #resumption: Resumption;
  readonly #closing = new AbortController();
  readonly #signals: readonly (AbortSignal | undefined)[];
  #messages: FeedMessages | undefined;
  #from: FeedStart["from"] = "start";
  #status: FeedStatus = "catching-up";
  #hasStarted = false;
  #hasBeenLive = false;
  #error: Error | undefined;
  #running: Promise<void> | undefined;

  constructor(owner: ListenerOwner, following: Following) {
    const { clock } = owner.runtime;
    this.feed = following.feed;
    this.#owner = owner;
    this.#following = following;
    this.#handling = new EventHandling(owner.dispatcher, this.feed, clock);
    this.#progress = new FeedProgress(this.feed, knownBehind(this.feed, following.from), clock);
    this.#waiters = new Waiters(owner.runtime);
    this.#makingWay = new MakingWay(owner.queue, clock);
    this.#resumption = new Resumption(following.backoff);
    this.#signals = [following.signal, this.#closing.signal];
  }

  get status(): FeedStatus {
    return this.#status;
  }

  /** Whether the store has answered: what goes wrong from then on is told to the owner, and not to who started it. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether its history is handled, whatever happened to it since. */
  get hasBeenLive(): boolean {
    return this.#hasBeenLive;
  }

  get checkpoint(): Checkpoint {
    return this.#progress.checkpoint;
  }

  get handledUpTo(): Position | null {
    return this.#progress.handledUpTo;
  }

  get health(): FeedHealth {
    const { handledUpTo, checkpoint, ageMs } = this.#progress;
    return {
      feed: this.feed.name,
      status: this.#status,
      handledUpTo,
      checkpoint,
      progressAgeMs: ageMs,
      busyWith: this.#handling.busyWith,
      isHeld: this.#owner.queue.isInterjected,
      interruptions: this.#resumption.interruptions,
      error: this.#error,
    };
  }

  lag(options: CallOptions): Promise<FeedLag> {
    return measureLag(this, this.#owner.runtime.clock, options);
  }

  /** Resolves when the first answer of the store is there; handling goes on in the background. Errors: `feed-not-found`, `invalid-argument`, those of the store. */
  async start(): Promise<void> {
    let first: IteratorResult<SubscriptionMessage>;
    try {
      using either = new EitherSignal(...this.#signals);
      const { from, checkpoint } = await resumePoint(this.feed, { ...this.#following, signal: either.signal });
      if (this.#hasStopped) return;
      this.#from = from;
      this.#progress = new FeedProgress(this.feed, checkpoint, this.#owner.runtime.clock);
      first = await this.#open(from).next();
    } catch (error) {
      if (this.#hasStopped) return;
      this.#stop("faulted", error as Error);
      await leave(this.#messages);
      throw error;
    }
    this.#hasStarted = true;
    this.#running = this.#run(first);
  }

  /** Resolves when the feed is handled up to a position. Errors: `not-caught-up`, the signal's reason, and what has stopped the listener. */
  async caughtUpTo(position: Position, wait: CatchUpWait): Promise<void> {
    wait.signal?.throwIfAborted();
    const { handledUpTo } = this;
    if (handledUpTo !== null && handledUpTo >= position) return;
    if (this.#hasStopped) throw this.#error ?? new AlreadyClosed(this.#owner.name);
    if (this.#status === "ended") throw this.notCaughtUp(position, { ...wait, timeoutMs: 0 });
    await this.#waiters.wait(position, wait, () => this.notCaughtUp(position, wait));
  }

  async close(): Promise<void> {
    if (!this.#hasStopped) this.#stop("closed", new AlreadyClosed(this.#owner.name));
    this.#closing.abort(this.#error);
    await leave(this.#messages);
    await this.#running;
  }

  get #hasStopped(): boolean {
    return this.#status === "faulted" || this.#status === "closed";
  }

  #open(from: FeedStart["from"]): FeedMessages {
    this.#messages = follow(this.feed, { from, signal: this.#following.signal });
    return this.#messages;
  }

  async #run(first: IteratorResult<SubscriptionMessage>): Promise<void> {
    for (let step: IteratorResult<SubscriptionMessage> | undefined = first; !this.#hasStopped; step = undefined) {
      try {
        return await this.#takeAll(step);
      } catch (error) {
        // What a handler throws that closing waits for is told as well.
        if (this.#hasStopped && this.#handling.isInHandlers) this.#owner.faulted(this.#handling.faultOf(this.#owner.name, error));
        if (this.#hasStopped) return;
        const isOver = this.#handling.isInHandlers || this.#following.signal?.aborted === true;
        if (isOver || !this.#resumption.allows(error)) return this.#fault(error);
        await this.#pause(error as Error);
      } finally {
        await leave(this.#messages);
      }
    }
  }

  /** Takes what comes until there is no more, from a first answer on or from where it was interrupted. */
  async #takeAll(first: IteratorResult<SubscriptionMessage> | undefined): Promise<void> {
    const messages = first === undefined ? this.#open(this.#nextFrom()) : this.#messages;
    if (messages === undefined) return;
    for (let step = first ?? (await messages.next()); step.done !== true; step = await messages.next()) {
      if (this.#status === "interrupted") [this.#status, this.#error] = ["catching-up", undefined];
      await this.#take(step.value);
      if (this.#hasStopped) return;
    }
    if (this.#hasStopped) return;
    if (this.#status !== "ended") throw new AlreadyClosed(`The subscription to ${this.feed.name}`);
  }

  /** Hands a message to the queue, and makes way in between for those who want to look. */
  async #take(message: SubscriptionMessage): Promise<void> {
    const { queue } = this.#owner;
    const events = message.kind === "events" ? message.events : [];
    let isTaken = false;
    while (!isTaken && !this.#hasStopped) isTaken = await queue.run(() => this.#takeSome(events, message));
  }

  /** Whether the message is taken as a whole. */
  async #takeSome(events: readonly RecordedEvent[], message: SubscriptionMessage): Promise<boolean> {
    if (this.#hasStopped) return true;
    this.#following.signal?.throwIfAborted();
    this.#makingWay.begin();
    const before = this.#progress.begin(events);
    const handled = await this.#handling.handle(events, before, this.#afterEvent);
    if (handled > before) this.#owner.progressed(handled - before);
    if (handled < events.length || this.#hasStopped) return this.#hasStopped;
    this.#resumption.reset();
    this.#progress.cover(message.upTo);
    this.#waiters.reach(this.handledUpTo);
    if (message.kind === "live") await this.#goLive();
    if (message.kind === "live") this.#owner.progressed(0);
    return true;
  }

  readonly #afterEvent = (handled: number): boolean => {
    this.#progress.advance(handled);
    this.#resumption.reset();
    if (!this.#waiters.isEmpty) this.#waiters.reach(this.handledUpTo);
    if (this.#handling.hasWaited) this.#progress.touch();
    return !this.#makingWay.isDue() && !this.#hasStopped && this.#following.signal?.aborted !== true;
  };

  async #goLive(): Promise<void> {
    this.#status = this.feed.ends === true ? "ended" : "live";
    if (this.#hasBeenLive) return;
    this.#hasBeenLive = true;
    try {
      await this.#owner.wentLive();
    } catch (error) {
      if (!this.#hasStopped) this.#fault(error);
    }
    if (!this.#hasStopped) this.live.resolve();
    if (this.#status === "ended") this.#waiters.fail(new AlreadyClosed(`${this.feed.name}, which was to be read up to a place,`));
  }

  async #pause(error: Error): Promise<void> {
    this.#handling.forget();
    this.#status = "interrupted";
    this.#error = error;
    this.#owner.interrupted(error);
    try {
      await this.#resumption.pause(this.#signals, this.#owner.runtime);
    } catch (reason) {
      if (!this.#hasStopped) this.#fault(reason);
    }
  }

  /** Where it goes on: behind what is handled. */
  #nextFrom(): FeedStart["from"] {
    const { checkpoint, handledUpTo } = this.#progress;
    const place: Version | Position | null = "stream" in this.feed.source ? checkpoint.version : handledUpTo;
    return place === null ? this.#from : after(version(place));
  }

  #fault(cause: unknown): void {
    const fault = this.#handling.faultOf(this.#owner.name, cause);
    this.#stop("faulted", fault);
    this.#owner.faulted(fault);
  }

  #stop(status: "faulted" | "closed", error: Error): void {
    [this.#status, this.#error] = [status, error];
    this.live.reject(error);
    this.#waiters.fail(error);
  }

  /** The error for who has waited too long. */
  notCaughtUp(wanted: WantedPlace, { timeoutMs }: CatchUpWait): NotCaughtUp {
    const busyWith = shownBusy(this.#handling.busyWith);
    return new NotCaughtUp(this.#owner.name, this.feed.name, { wanted, reached: this.handledUpTo, timeoutMs, busyWith });
  }
}
