import type { Position } from "@reactive-domain/core";
import { Deferred } from "../listeners/deferred.ts";
import type { PreparedEvent } from "./task.ts";

/** What a lane is given at a time. */
export interface LaneBatch<C> {
  readonly events: readonly PreparedEvent<C>[];
  /** Up to where there is nothing else. */
  readonly upTo: Position | null;
  /** Whether the history ends here. */
  readonly isLive: boolean;
}

/** How much may wait for a lane, in events and in bytes of their data: who reads waits then. */
const MAX_EVENTS = 500;
const MAX_BYTES = 8 * 1024 * 1024;

/** Events on their way from who reads to a lane. */
export class LaneQueue<C> {
  #batches: LaneBatch<C>[] = [];
  #events = 0;
  #bytes = 0;
  #arrived: Deferred | undefined;
  #taken: Deferred | undefined;
  #isEnded = false;

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Resolves when there is room for more, or nothing is taken any more. */
  async add(batch: LaneBatch<C>): Promise<void> {
    if (this.#isEnded) return;
    this.#batches.push(batch);
    this.#events += batch.events.length;
    for (const { recorded } of batch.events) this.#bytes += recorded.data.length;
    this.#arrived?.resolve();
    while (!this.#isEnded && (this.#events > MAX_EVENTS || this.#bytes > MAX_BYTES)) {
      this.#taken = new Deferred();
      await this.#taken.promise;
    }
  }

  /** All that has arrived, as soon as something has; nothing when it has ended. */
  async takeAll(): Promise<readonly LaneBatch<C>[] | undefined> {
    while (this.isEmpty && !this.#isEnded) {
      this.#arrived = new Deferred();
      await this.#arrived.promise;
    }
    if (this.#isEnded) return undefined;
    const batches = this.#batches;
    this.#batches = [];
    this.#events = 0;
    this.#bytes = 0;
    this.#taken?.resolve();
    return batches;
  }

  /** Nothing more is added or taken, and what waits is dropped. */
  end(): void {
    this.#isEnded = true;
    this.#batches = [];
    this.#arrived?.resolve();
    this.#taken?.resolve();
  }
}
