import type { ReadSource, RecordedEvent, Subscription, SubscriptionDrop, SubscriptionMessage } from "@reactive-domain/persistence";
import type { ComingFault } from "./read-faults.ts";

type Step = IteratorResult<SubscriptionMessage, undefined>;

const DONE: Step = { done: true, value: undefined };

/** What a subscription that may be dropped is about. */
export interface FaultySubscriptionOptions {
  readonly source: ReadSource;
  readonly fault: ComingFault | undefined;
  readonly onMet: () => void;
  /** Called once, when the subscription has ended. */
  readonly onEnd: (subscription: FaultySubscription) => void;
}

/** A subscription of a store that can be dropped, as if reading had failed. Until then it says what the store says. */
export class FaultySubscription implements Subscription {
  readonly source: ReadSource;
  readonly dropped: Promise<SubscriptionDrop>;
  readonly #inner: Subscription;
  readonly #options: FaultySubscriptionOptions;
  #tellDrop: (drop: SubscriptionDrop) => void = () => undefined;
  #running: Promise<unknown> = Promise.resolve();
  #given = 0;
  /** What lies behind the fault in a batch: it is told if the fault is forgotten. */
  #rest: SubscriptionMessage | undefined;
  #isEnded = false;
  #dropError: { readonly error: unknown; isThrown: boolean } | undefined;

  constructor(inner: Subscription, options: FaultySubscriptionOptions) {
    this.source = options.source;
    this.#inner = inner;
    this.#options = options;
    this.dropped = new Promise((resolve) => {
      this.#tellDrop = resolve;
    });
    void inner.dropped.then((drop) => this.#end(drop));
  }

  /** Ends it from the side of the store: its reader gets the error. */
  drop(reason: Error): void {
    if (this.#isEnded) return;
    this.#dropError = { error: reason, isThrown: false };
    this.#options.onMet();
    this.#end({ reason: "failed", error: reason });
    // What ends here has its error already.
    this.#inner.close().catch(() => undefined);
  }

  next(): Promise<Step> {
    const step = this.#running.then(() => this.#step());
    this.#running = step.catch(() => undefined);
    return step;
  }

  async return(): Promise<Step> {
    await this.close();
    return DONE;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async *events(): AsyncIterableIterator<RecordedEvent> {
    for await (const message of this) if (message.kind === "events") yield* message.events;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #step(): Promise<Step> {
    const { fault } = this.#options;
    if (fault !== undefined && this.#given >= fault.afterEvents && fault.claim.stands) this.drop(fault.claim.meet());
    const step = this.#dropError === undefined ? await this.#next() : DONE;
    // It may have been dropped meanwhile: what it was about to say is not said then.
    if (this.#dropError !== undefined) return throwOnce(this.#dropError);
    return step.done === true ? DONE : { done: false, value: this.#cut(step.value) };
  }

  #next(): Promise<Step> | Step {
    const value = this.#rest;
    this.#rest = undefined;
    return value === undefined || this.#isEnded ? this.#inner.next() : { done: false, value };
  }

  /** Of a batch in which the fault lies, what comes before it. */
  #cut(message: SubscriptionMessage): SubscriptionMessage {
    if (message.kind !== "events") return message;
    const { fault } = this.#options;
    const left = fault?.claim.stands === true ? fault.afterEvents - this.#given : Number.POSITIVE_INFINITY;
    const events = message.events.slice(0, left);
    this.#given += events.length;
    const last = events.at(-1);
    if (events.length === message.events.length || last === undefined) return message;
    this.#rest = { ...message, events: message.events.slice(left) };
    return { kind: "events", events, upTo: last.position };
  }

  #end(drop: SubscriptionDrop): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.fault?.claim.release();
    this.#options.onEnd(this);
    this.#tellDrop(drop);
  }
}

/** The error is told once, as every iterator does. */
function throwOnce(drop: { readonly error: unknown; isThrown: boolean }): Step {
  if (drop.isThrown) return DONE;
  drop.isThrown = true;
  throw drop.error;
}
