import { AlreadyClosed, type Position, type Runtime } from "@reactive-domain/core";
import type { RecordedEvent, Subscription, SubscriptionMessage } from "@reactive-domain/persistence";
import { Deferred } from "./deferred.ts";
import { NotCaughtUp, ReadModelFaulted } from "./errors.ts";
import { RecordedContext } from "./event-context.ts";
import type { EventDispatcher } from "./event-dispatcher.ts";
import type { EventFeed } from "./event-feed.ts";
import type { SerialQueue } from "./serial-queue.ts";

export type ListenerStatus = "catching-up" | "live" | "faulted" | "closed";

/** What a listener needs of the read model that it feeds. */
export interface ListenerOwner {
  readonly name: string;
  readonly dispatcher: EventDispatcher;
  readonly queue: SerialQueue;
  readonly runtime: Runtime;
  readonly onFault: (error: ReadModelFaulted) => void;
}

/** How long somebody waits. */
export interface CatchUpWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Waiter {
  readonly position: Position;
  readonly done: Deferred;
}

/** Takes one feed into a read model: subscribes, hands each batch to the model's queue, and tells how far it is. */
export class FeedListener {
  readonly feed: EventFeed;
  readonly live = new Deferred();
  readonly #owner: ListenerOwner;
  readonly #subscription: Subscription;
  #status: ListenerStatus = "catching-up";
  #handled: Position | null;
  #lastEvent: RecordedEvent | undefined;
  #error: Error | undefined;
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;

  /** `resumedAt` is the position behind which the subscription begins, if it does. */
  constructor(owner: ListenerOwner, feed: EventFeed, subscription: Subscription, resumedAt: Position | null) {
    this.#owner = owner;
    this.feed = feed;
    this.#subscription = subscription;
    this.#handled = resumedAt;
  }

  get status(): ListenerStatus {
    return this.#status;
  }

  /** Everything of the feed up to this position is handled, now or before it was resumed; `null` before anything is. */
  get handledUpTo(): Position | null {
    return this.#handled;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  /** Resolves when the first answer of the store is there; handling goes on in the background. */
  async start(): Promise<void> {
    let first: IteratorResult<SubscriptionMessage>;
    try {
      first = await this.#subscription.next();
    } catch (error) {
      this.#stop("faulted", error as Error);
      throw error;
    }
    this.#running = this.#run(first);
  }

  /** Resolves when the feed is handled up to a position. Errors: `not-caught-up`, the signal's reason, and what has stopped the listener. */
  async caughtUpTo(position: Position, { timeoutMs, signal }: CatchUpWait): Promise<void> {
    signal?.throwIfAborted();
    if (this.#handled !== null && this.#handled >= position) return;
    if (this.#error !== undefined) throw this.#error;
    const waiter = { position, done: new Deferred() };
    const giveUp = (error: Error): void => {
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      waiter.done.reject(error);
    };
    const onAbort = (): void => giveUp(signal?.reason as Error);
    const cancel = this.#owner.runtime.scheduler.after(timeoutMs, () =>
      giveUp(new NotCaughtUp(this.#owner.name, this.feed.name, { wanted: position, reached: this.#handled, timeoutMs })),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiters.push(waiter);
    try {
      await waiter.done.promise;
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Resolves when the feed is handled up to where the log ends now. Errors as of {@link caughtUpTo}, and those of the store. */
  async caughtUp(wait: CatchUpWait): Promise<void> {
    for await (const { head } of this.feed.store.read({ all: true }, { direction: "backwards", limit: 1 }).batches()) {
      if (head !== null) await this.caughtUpTo(head, wait);
    }
  }

  async close(): Promise<void> {
    if (this.#error === undefined) this.#stop("closed", new AlreadyClosed(this.#owner.name));
    await this.#subscription.close();
    await this.#running;
  }

  async #run(first: IteratorResult<SubscriptionMessage>): Promise<void> {
    try {
      for (let step = first; step.done !== true; step = await this.#subscription.next()) {
        const message = step.value;
        await this.#owner.queue.run(() => this.#take(message));
        if (this.#status === "closed") return;
      }
      if (this.#status !== "closed") throw new AlreadyClosed(`The subscription to ${this.feed.name}`);
    } catch (cause) {
      if (this.#status === "closed") return;
      const fault = new ReadModelFaulted(this.#owner.name, this.feed.name, this.#where(), cause);
      this.#stop("faulted", fault);
      this.#owner.onFault(fault);
      await this.#subscription.close();
    }
  }

  async #take(message: SubscriptionMessage): Promise<void> {
    if (this.#status === "closed") return;
    if (message.kind === "events") await this.#handle(message.events);
    if (this.#status !== "catching-up" && this.#status !== "live") return;
    this.#advance(message.upTo);
    if (message.kind === "live") {
      this.#status = "live";
      this.live.resolve();
    }
  }

  async #handle(events: readonly RecordedEvent[]): Promise<void> {
    const { serializer } = this.feed;
    for (const recorded of events) {
      this.#lastEvent = recorded;
      const made = serializer.deserialize(recorded);
      for (const event of made instanceof Promise ? await made : made) {
        const context = new RecordedContext(recorded, event);
        for (const handler of this.#owner.dispatcher.handlersOf(event)) {
          const waiting = handler(event as never, context);
          if (isThenable(waiting)) await waiting;
        }
      }
      if (this.#status === "closed") return;
    }
    this.#lastEvent = undefined;
  }

  #advance(upTo: Position | null): void {
    if (upTo === null) return;
    this.#handled = upTo;
    if (this.#waiters.length === 0) return;
    const reached = this.#waiters.filter(({ position }) => position <= upTo);
    this.#waiters = this.#waiters.filter(({ position }) => position > upTo);
    for (const { done } of reached) done.resolve();
  }

  #stop(status: "faulted" | "closed", error: Error): void {
    this.#status = status;
    this.#error = error;
    this.live.reject(error);
    for (const { done } of this.#waiters) done.reject(error);
    this.#waiters = [];
  }

  #where(): string {
    const event = this.#lastEvent;
    return event === undefined
      ? "between events"
      : `at position ${event.position} (${event.type}, version ${event.version} of ${event.stream})`;
  }
}

/** Awaiting what needs no waiting would cost more than most handlers. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
