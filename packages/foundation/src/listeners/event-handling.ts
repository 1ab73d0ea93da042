import type { Clock } from "@reactive-domain/core";
import { isThenable } from "@reactive-domain/messaging";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { FeedFaulted } from "./errors.ts";
import { RecordedContext } from "./event-context.ts";
import type { EventDispatcher } from "./event-dispatcher.ts";
import type { EventFeed } from "./event-feed.ts";
import { messagesOf } from "./messages-of.ts";
import type { BusyWith } from "./feed-health.ts";

/** Told after each event that was handled, with how many of the list are. Answers whether to go on. */
export type AfterEvent = (handled: number) => boolean;

/** Brings stored events to their handlers, one after another; waits only where a handler does. */
export class EventHandling {
  readonly #dispatcher: EventDispatcher;
  readonly #feed: EventFeed;
  readonly #clock: Clock;
  #event: RecordedEvent | undefined;
  #stage: "reading" | "handling" = "reading";
  #waitsSinceMs: number | undefined;
  #hasWaited = false;

  constructor(dispatcher: EventDispatcher, feed: EventFeed, clock: Clock) {
    this.#dispatcher = dispatcher;
    this.#feed = feed;
    this.#clock = clock;
  }

  /** The event that is being handled, or whose handling failed. */
  get event(): RecordedEvent | undefined {
    return this.#event;
  }

  /** Whether handlers have the event, or had it when they failed; before that, nothing has come of it. */
  get isInHandlers(): boolean {
    return this.#event !== undefined && this.#stage === "handling";
  }

  /** What is being waited for, if anything is. */
  get busyWith(): BusyWith | null {
    if (this.#event === undefined || this.#waitsSinceMs === undefined) return null;
    const { type, stream, position } = this.#event;
    return { type, stream, position, forMs: this.#clock.monotonicMs() - this.#waitsSinceMs };
  }

  /** Whether the event at hand has been waited for. */
  get hasWaited(): boolean {
    return this.#hasWaited;
  }

  /** Forgets the event at hand: it will come again. */
  forget(): void {
    this.#event = undefined;
  }

  /** What is told of an error that ends the handling of somebody's feed. */
  faultOf(owner: string, cause: unknown): FeedFaulted {
    const { name } = this.#feed;
    if (this.#event === undefined) return new FeedFaulted(owner, name, "between events", cause);
    const { position, type, version, stream } = this.#event;
    return new FeedFaulted(owner, name, `at position ${position} (${type}, version ${version} of ${stream})`, cause);
  }

  /** Handles events from one of the list on, until told to stop, and answers how many are handled. Errors: those of the serializer and of the handlers. */
  async handle(events: readonly RecordedEvent[], from: number, afterEvent: AfterEvent): Promise<number> {
    for (let index = from; index < events.length; index++) {
      const recorded = events[index] as RecordedEvent;
      this.#event = recorded;
      this.#stage = "reading";
      this.#hasWaited = false;
      const made = messagesOf(this.#feed, recorded);
      const messages = made instanceof Promise ? await this.#waitFor(made) : made;
      this.#stage = "handling";
      for (const event of messages) {
        const handlers = this.#dispatcher.handlersOf(event);
        if (handlers.length === 0) continue;
        const context = new RecordedContext(recorded, event, this.#feed);
        for (const handler of handlers) {
          const waiting = handler(event as never, context);
          if (isThenable(waiting)) await this.#waitFor(waiting);
        }
      }
      this.#event = undefined;
      if (!afterEvent(index + 1)) return index + 1;
    }
    return events.length;
  }

  async #waitFor<T>(waiting: PromiseLike<T>): Promise<T> {
    this.#hasWaited = true;
    this.#waitsSinceMs = this.#clock.monotonicMs();
    try {
      return await waiting;
    } finally {
      this.#waitsSinceMs = undefined;
    }
  }
}
