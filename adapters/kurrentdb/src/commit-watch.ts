import { END, excludeSystemEvents, type AllStreamSubscription } from "@kurrent/kurrentdb-client";
import type { CancelTask } from "@reactive-domain/core";
import type { Connection } from "./connection/connection.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Tells listeners of commits: this process's own at once, those of others as a subscription to the log tells of them, which serves all listeners. While it is away it is
 * begun again and again, and listeners look by themselves from time to time.
 */
export class CommitWatch {
  readonly #connection: Connection;
  readonly #listeners = new Set<() => void>();
  #subscription: AllStreamSubscription | undefined;
  #isLive = false;
  #isClosed = false;
  #isTelling = false;
  #pauseMs = FIRST_PAUSE_MS;
  #cancelBegin: CancelTask | undefined;
  #cancelPoll: CancelTask | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  listen(listener: () => void): () => void {
    // Each call counts for itself, also when a function is given twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    this.#begin();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#end();
  }

  #begin(): void {
    if (this.#isClosed || this.#subscription !== undefined || this.#listeners.size === 0) return;
    const subscription = this.#connection.client.subscribeToAll({ fromPosition: END, filter: excludeSystemEvents() });
    this.#subscription = subscription;
    subscription.on("confirmation", () => this.#confirmed(subscription));
    subscription.on("data", () => this.#tellOnce());
    subscription.on("error", () => this.#lost(subscription));
    subscription.on("end", () => this.#lost(subscription));
    this.#pollLater();
  }

  #confirmed(subscription: AllStreamSubscription): void {
    if (this.#subscription !== subscription) return;
    this.#isLive = true;
    this.#pauseMs = FIRST_PAUSE_MS;
    // What was committed before it was there.
    this.notify();
  }

  /** Many events come at once: listeners need to know of one. */
  #tellOnce(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#connection.runtime.scheduler.soon(() => {
      this.#isTelling = false;
      this.notify();
    });
  }

  #lost(subscription: AllStreamSubscription): void {
    if (this.#subscription !== subscription) return;
    this.#subscription = undefined;
    this.#isLive = false;
    void subscription.unsubscribe().catch(() => undefined);
    const { scheduler, chance } = this.#connection.runtime;
    const pauseMs = this.#pauseMs * (0.5 + chance.next() / 2);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    this.#cancelBegin?.();
    this.#cancelBegin = scheduler.after(pauseMs, () => this.#begin());
    this.#pollLater();
  }

  #pollLater(): void {
    if (this.#isLive || this.#isClosed || this.#listeners.size === 0) return;
    this.#cancelPoll ??= this.#connection.runtime.scheduler.after(this.#connection.settings.pollIntervalMs, () => {
      this.#cancelPoll = undefined;
      this.notify();
      this.#pollLater();
    });
  }

  #end(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#isLive = false;
    this.#cancelBegin?.();
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
    void subscription?.unsubscribe().catch(() => undefined);
  }
}
