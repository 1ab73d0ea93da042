import type { Clock } from "@reactive-domain/core";
import type { Delivery } from "@reactive-domain/persistence";
import type { MadeMessages } from "./messages-of.ts";
import type { SubscriptionSettings } from "./subscription-terms.ts";

const MOST = 1_000;
const FIRST = 20;
const MAX_BYTES = 4 * 1024 * 1024;
const CALM_MS = 2_000;

/** How much a server takes from the log before somebody is free for it: little, so that it is left to other servers, and more as long as consumers are waiting. */
export class ReadAhead {
  readonly #clock: Clock;
  readonly #least: number;
  readonly #most: number;
  #events: number;
  #starvedMs = 0;
  #bytesOfEvent = 0;
  /** Which part of what is taken is of the subscription. */
  #share = 1;

  constructor(clock: Clock, { liveBufferSize, historyBufferSize, readBatchSize }: SubscriptionSettings) {
    this.#clock = clock;
    this.#most = Math.min(MOST, Math.max(liveBufferSize, historyBufferSize));
    this.#least = Math.min(this.#most, readBatchSize);
    this.#events = this.#least;
  }

  get events(): number {
    return Math.min(this.#events, this.#fitting);
  }

  /** How many to claim so that about so many are of the subscription. */
  toClaim(wanted: number): number {
    return Math.max(1, Math.min(this.#fitting, Math.ceil(wanted / this.#share)));
  }

  /** How many events there is room for, as large as they were so far; while nobody knows, a few. */
  get #fitting(): number {
    if (this.#bytesOfEvent === 0) return FIRST;
    return Math.max(1, Math.min(MOST, Math.floor(MAX_BYTES / this.#bytesOfEvent)));
  }

  /** Learns from what a claim gave, and what was made of it. */
  learn(claimed: readonly Delivery[], { messages, bytes, left }: Pick<MadeMessages, "messages" | "bytes" | "left">): void {
    if (claimed.length === 0) return;
    const claimedBytes = claimed.reduce((sum, { event }) => sum + event.data.length + event.metadata.length, 0);
    this.#bytesOfEvent = Math.max(1, claimedBytes / claimed.length, bytes / Math.max(1, messages.length), this.#bytesOfEvent / 2);
    this.#share = Math.max(0.01, (messages.length + left.length) / claimed.length);
  }

  /** All that was taken has been sent, and consumers are free. */
  starved(): void {
    this.#events = Math.min(this.#most, 2 * this.#events);
    this.#starvedMs = this.#clock.monotonicMs();
  }

  /** Takes less again where nobody has waited for a while. */
  calm(): void {
    if (this.#events > this.#least && this.#clock.monotonicMs() - this.#starvedMs > CALM_MS) this.#events = this.#least;
  }
}
