import type { Clock, Position } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import { checkpointAt, type Checkpoint } from "./checkpoint.ts";
import type { EventFeed } from "./event-feed.ts";

/** How far a feed is handled. What it is of the batch at hand is looked up only when it is asked for. */
export class FeedProgress {
  readonly #feed: EventFeed;
  readonly #clock: Clock;
  #batch: readonly RecordedEvent[] = [];
  /** How many events of the batch are handled. */
  #handled = 0;
  #checkpoint: Checkpoint;
  #covered: Position | null;
  #lastMs: number | undefined;

  constructor(feed: EventFeed, start: Checkpoint, clock: Clock) {
    this.#feed = feed;
    this.#clock = clock;
    this.#checkpoint = start;
    this.#covered = start.position;
  }

  /** The last event that was handled, or behind which it began. */
  get checkpoint(): Checkpoint {
    const last = this.#batch[this.#handled - 1];
    return last === undefined ? this.#checkpoint : checkpointAt(last, this.#feed);
  }

  /** Everything of the feed up to this position is handled. */
  get handledUpTo(): Position | null {
    return this.#batch[this.#handled - 1]?.position ?? this.#covered;
  }

  /** How long ago something was handled last, or was found not to be there. */
  get ageMs(): number | null {
    return this.#lastMs === undefined ? null : this.#clock.monotonicMs() - this.#lastMs;
  }

  /** Takes up a batch, or goes on with the one at hand, and answers how many of its events are handled. */
  begin(events: readonly RecordedEvent[]): number {
    if (this.#batch === events) return this.#handled;
    this.#settle(events);
    return 0;
  }

  /** So many events of the batch at hand are handled. */
  advance(handled: number): void {
    this.#handled = handled;
  }

  touch(): void {
    this.#lastMs = this.#clock.monotonicMs();
  }

  /** The batch at hand is handled, and with it whatever else lies up to a position. */
  cover(upTo: Position | null): void {
    this.#settle([]);
    this.#covered = upTo ?? this.#covered;
    this.touch();
  }

  #settle(next: readonly RecordedEvent[]): void {
    const { checkpoint, handledUpTo } = this;
    this.#checkpoint = checkpoint;
    this.#covered = handledUpTo;
    this.#batch = next;
    this.#handled = 0;
  }
}
