import { onAbort, type Position } from "@reactive-domain/core";
import { AheadOfLog, type SubscriptionMessage } from "@reactive-domain/persistence";
import type { FeedMessages, FeedStart } from "../listeners/event-feed.ts";

const ENDED: IteratorResult<SubscriptionMessage> = { done: true, value: undefined };

/** One model's part of a shared read: what lies behind its own place. It holds one message, and has the reader wait until that is taken. */
export class Relay implements FeedMessages {
  /** Behind which position it begins; `null` for the beginning. */
  readonly behind: Position | null;
  readonly closed: Promise<void>;
  readonly #leaveSignal: () => void;
  #tellClosed: () => void = () => undefined;
  #waiting: SubscriptionMessage | undefined;
  #end: { readonly error: unknown } | "closed" | undefined;
  /** Wakes whoever waits: for a message, or for the room for one. */
  #wakeReader: (() => void) | undefined;
  #wakeSource: (() => void) | undefined;

  constructor({ from, signal }: FeedStart) {
    this.behind = typeof from === "object" ? (from.after as Position) : null;
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
    this.#leaveSignal = onAbort(signal, () => this.fail(signal?.reason));
    if (signal?.aborted === true) this.fail(signal.reason);
  }

  async next(): Promise<IteratorResult<SubscriptionMessage>> {
    while (this.#waiting === undefined && this.#end === undefined)
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    if (this.#end === "closed") return ENDED;
    if (this.#end !== undefined) throw this.#end.error;
    const value = this.#waiting as SubscriptionMessage;
    this.#waiting = undefined;
    this.#wakeSource?.();
    return { done: false, value };
  }

  /** Resolves when there is room for the next message. */
  async offer(message: SubscriptionMessage): Promise<void> {
    const part = this.#partOf(message);
    if (part === undefined || this.#end !== undefined) return;
    this.#waiting = part;
    this.#wakeReader?.();
    await new Promise<void>((resolve) => {
      this.#wakeSource = resolve;
      if (this.#waiting === undefined || this.#end !== undefined) resolve();
    });
  }

  /** Ends it with an error, which its reader gets. */
  fail(error: unknown): void {
    this.#stop({ error });
  }

  async close(): Promise<void> {
    this.#stop("closed");
  }

  #stop(end: { readonly error: unknown } | "closed"): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#leaveSignal();
    this.#tellClosed();
    this.#wakeReader?.();
    this.#wakeSource?.();
  }

  /** What of a message lies behind its place; nothing where all of it lies before. */
  #partOf(message: SubscriptionMessage): SubscriptionMessage | undefined {
    const { behind } = this;
    if (behind === null) return message;
    const isBefore = (message.upTo ?? -1) < behind;
    if (message.kind === "live") {
      // The log ends before the place that it is to go on from: that belongs to another log.
      if (isBefore) this.fail(new AheadOfLog("A relay", behind, message.upTo));
      return message;
    }
    if (isBefore) return undefined;
    const [first] = message.events;
    if (first === undefined || first.position > behind) return message;
    return { ...message, events: message.events.filter(({ position }) => position > behind) };
  }
}
