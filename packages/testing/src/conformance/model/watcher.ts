import { ReactiveDomainError } from "@reactive-domain/core";
import type { EventStore, Subscription, SubscriptionMessage } from "@reactive-domain/persistence";
import type { FollowStep } from "./script.ts";

/** What was known when a subscription was opened. */
export interface Opening {
  /** The last position that had been acknowledged; -1 where there was none. */
  readonly acknowledged: number;
  /** When, counted in calls and answers. */
  readonly at: number;
}

/** A subscription of a script, and all that it has given. */
export class Watcher {
  readonly step: FollowStep;
  readonly opening: Opening;
  readonly messages: SubscriptionMessage[] = [];
  /** What the iteration threw. */
  error: unknown;
  /** Whether its script closed it. */
  isLeft = false;
  readonly #subscription: Subscription;
  #pending: Promise<void> | undefined;
  #isEnded = false;

  constructor(store: EventStore, step: FollowStep, opening: Opening) {
    this.step = step;
    this.opening = opening;
    this.#subscription = store.subscribe(step.source, step.options);
    if (step.isEager) void this.#readOn();
  }

  /** The code of the error that ended it. */
  get errorCode(): string | undefined {
    return this.error instanceof ReactiveDomainError ? this.error.code : undefined;
  }

  /** Whether it ended though nobody closed it. */
  get hasEnded(): boolean {
    return this.#isEnded && !this.isLeft;
  }

  /** Takes up to so many messages, while there must be more: it is not live, or has not told what was acknowledged. */
  async advance(messages: number, acknowledged: number): Promise<void> {
    for (let taken = 0; taken < messages && !this.#hasTold(acknowledged); taken++) await this.#take();
  }

  /** Closes it. Tells what is wrong with its end, if anything. One that had failed before has not been left. */
  async leave(): Promise<string | undefined> {
    this.isLeft = true;
    await this.#subscription.close();
    const { reason, error } = await this.#subscription.dropped;
    if (reason === "failed") {
      [this.isLeft, this.#isEnded, this.error] = [false, true, error];
      return undefined;
    }
    if (reason !== "closed") return `must end because it was closed; but told ${reason}`;
    const { done } = await this.#subscription.next();
    return done === true ? undefined : "must give nothing after it was closed; but gave a message";
  }

  async #readOn(): Promise<void> {
    while (!this.#isEnded) await this.#take();
  }

  #hasTold(position: number): boolean {
    const isLive = this.messages.some(({ kind }) => kind === "live");
    return this.#isEnded || (isLive && (this.messages.at(-1)?.upTo ?? -1) >= position);
  }

  /** One message more. Who asks meanwhile waits for the same. */
  #take(): Promise<void> {
    this.#pending ??= this.#next().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #next(): Promise<void> {
    try {
      const { done, value } = await this.#subscription.next();
      if (done === true) this.#isEnded = true;
      else this.messages.push(value);
    } catch (error) {
      this.#isEnded = true;
      this.error = error;
    }
  }
}
