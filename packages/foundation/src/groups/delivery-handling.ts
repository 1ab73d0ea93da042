import { unlessAborted, type Runtime } from "@reactive-domain/core";
import { isThenable, TimedOut } from "@reactive-domain/messaging";
import { DeliveryLost } from "@reactive-domain/persistence";
import type { EventDispatcher } from "../listeners/event-dispatcher.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import { messagesOf } from "../listeners/messages-of.ts";
import { HandlerContext, SettledWith, type GroupEventContext } from "./group-event-context.ts";
import { ParkEvent } from "./errors.ts";
import type { Held } from "./held.ts";
import type { Outcome } from "./outcome.ts";

/** What has a consumer end the handling of what it holds. */
export class Leaving extends Error {}

export interface HandlingParts {
  readonly group: string;
  readonly consumer: string;
  readonly feed: EventFeed;
  readonly dispatcher: EventDispatcher<GroupEventContext>;
  readonly handlerTimeoutMs: number;
  readonly runtime: Runtime;
}

/** Brings one delivery to its handlers. */
export class DeliveryHandling {
  readonly #parts: HandlingParts;

  constructor(parts: HandlingParts) {
    this.#parts = parts;
  }

  /** Never throws: whatever is thrown is an outcome. */
  async handle(held: Held): Promise<Outcome> {
    const settledWith = new SettledWith(this.#parts.group, this.#parts.feed.serializer);
    held.begunMs = this.#parts.runtime.clock.monotonicMs();
    try {
      const isHandled = await this.#callHandlers(held, settledWith);
      const items = settledWith.isEmpty ? [] : await settledWith.take();
      if (held.isLost) return { kind: "lost" };
      return isHandled ? { kind: "handled", items } : { kind: "skipped" };
    } catch (error) {
      if (held.isLost) return { kind: "lost" };
      // It was told to end: by who leaves, or as its lease could not be extended in time. It is not to blame.
      if (held.endedBy instanceof Leaving || held.endedBy instanceof DeliveryLost) return { kind: "released" };
      return { kind: error instanceof ParkEvent ? "parked" : "failed", error };
    } finally {
      settledWith.end();
    }
  }

  /** Whether there were any. */
  async #callHandlers(held: Held, settledWith: SettledWith): Promise<boolean> {
    const { feed, dispatcher, consumer } = this.#parts;
    const { event: recorded } = held.delivery;
    const made = messagesOf(feed, recorded);
    const messages = made instanceof Promise ? await this.#waitFor(made, held) : made;
    let isHandled = false;
    for (const event of messages) {
      const handlers = dispatcher.handlersOf(event);
      if (handlers.length === 0) continue;
      isHandled = true;
      const context = new HandlerContext(held, event, { feed, consumer, settledWith });
      for (const handler of handlers) {
        const waiting = handler(event as never, context);
        if (isThenable(waiting)) await this.#waitFor(Promise.resolve(waiting), held);
        if (held.endedBy !== undefined) throw held.endedBy;
      }
    }
    return isHandled;
  }

  /** A handler that does not listen to its signal is left behind. */
  async #waitFor<T>(waiting: Promise<T>, held: Held): Promise<T> {
    const { handlerTimeoutMs, runtime } = this.#parts;
    const giveUp = (): void => held.end(new TimedOut(held.delivery.event.type, handlerTimeoutMs, "handlerTimeoutMs"));
    const cancel = handlerTimeoutMs === Number.POSITIVE_INFINITY ? undefined : runtime.scheduler.after(handlerTimeoutMs, giveUp);
    try {
      return await unlessAborted(waiting, held.signal);
    } finally {
      cancel?.();
    }
  }
}
