import assert from "node:assert/strict";
import type { Position } from "@reactive-domain/core";
import type { RecordedEvent, Subscription, SubscriptionMessage } from "@reactive-domain/persistence";
import { inTime } from "./deadline.ts";

/** Reads a subscription, message by message, and keeps what it has seen. */
export class Follower {
  readonly events: RecordedEvent[] = [];
  readonly subscription: Subscription;
  /** How many events had arrived at each live signal. */
  readonly liveAfter: number[] = [];
  upTo: Position | null = null;

  constructor(subscription: Subscription) {
    this.subscription = subscription;
  }

  /** The next message. */
  async next(): Promise<SubscriptionMessage> {
    const result = await inTime(this.subscription.next(), "The next message of a subscription");
    if (result.done === true) return assert.fail("The subscription ended, though nobody closed it.");
    const message: SubscriptionMessage = result.value;
    this.#keep(message);
    return message;
  }

  /** Reads on until the live signal. */
  async untilLive(): Promise<void> {
    while ((await this.next()).kind !== "live");
  }

  /** Reads on until this many events have arrived in all. */
  async untilEvents(count: number): Promise<void> {
    while (this.events.length < count) await this.next();
  }

  /** Reads on until an event has arrived: what is written after all others shows that nothing else was on its way. */
  async untilEvent(event: { readonly id: string }): Promise<void> {
    while (!this.events.some(({ id }) => id === event.id)) await this.next();
  }

  /** Reads on until everything up to a position is told. */
  async untilUpTo(position: number): Promise<void> {
    while (this.upTo === null || this.upTo < position) await this.next();
  }

  #keep(message: SubscriptionMessage): void {
    assert.ok((message.upTo ?? -1) >= (this.upTo ?? -1), `upTo must never go back, but went from ${this.upTo} to ${message.upTo}.`);
    this.upTo = message.upTo;
    if (message.kind === "live") {
      this.liveAfter.push(this.events.length);
      return;
    }
    for (const event of message.events)
      assert.ok(event.position <= (message.upTo ?? -1), "A message must not hold an event behind its upTo.");
    this.events.push(...message.events);
  }
}
