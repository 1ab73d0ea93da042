import type { Clock } from "@reactive-domain/core";
import type { SerialQueue } from "./serial-queue.ts";

/** What is handled between two looks, however many want to look. */
const MIN_EVENTS = 32;
const MIN_MS = 2;

/** Tells after which events to make way for those who want to look: at once for the first, and not so often that little else is done. */
export class MakingWay {
  readonly #queue: SerialQueue;
  readonly #clock: Clock;
  #events = MIN_EVENTS;
  #beganMs = Number.NEGATIVE_INFINITY;
  #hasMadeWay = false;

  constructor(queue: SerialQueue, clock: Clock) {
    this.#queue = queue;
    this.#clock = clock;
  }

  /** It is our turn again. */
  begin(): void {
    if (!this.#hasMadeWay) return;
    this.#hasMadeWay = false;
    this.#events = 0;
    this.#beganMs = this.#clock.monotonicMs();
  }

  /** Whether to make way behind one more event. */
  isDue(): boolean {
    this.#events++;
    if (!this.#queue.isWanted) return false;
    if (this.#events < MIN_EVENTS && this.#clock.monotonicMs() - this.#beganMs < MIN_MS) return false;
    this.#hasMadeWay = true;
    return true;
  }
}
