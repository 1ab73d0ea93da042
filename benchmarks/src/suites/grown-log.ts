import { version, type EventStore } from "@reactive-domain/foundation";
import { timed, type Work } from "../measure.ts";
import { appendBy } from "./append-by.ts";
import { newEvents, type Append } from "./new-appends.ts";

/** The streams that are written and read, in each of the logs. */
export const ACTIVE_STREAMS = 10_000;
/** How many events each stream has to begin with. */
export const STREAM_EVENTS = 10;
/** Every next stream lies far from the last. */
const STEP = 7_919;

/** A log that goes on growing while it is measured. It was built with so many events, in streams `account-0000000` and on. */
export class GrownLog {
  readonly #store: EventStore;
  readonly #stride: number;
  readonly #versions = new Map<string, number>();
  #next = 0;

  constructor(store: EventStore, events: number) {
    this.#store = store;
    this.#stride = events / STREAM_EVENTS / ACTIVE_STREAMS;
  }

  /** The active stream of a turn: every so many of its streams is one, so that they lie all over its tables and indexes. */
  streamOf(turn: number): string {
    const index = (turn * STEP) % ACTIVE_STREAMS;
    return `account-${String(index * this.#stride).padStart(7, "0")}`;
  }

  appending(count: number, callers: number): Work {
    return {
      run: async () => {
        const load = Array.from({ length: count }, () => this.#nextAppend());
        return { units: count, ms: await timed(() => appendBy(this.#store, load, callers)) };
      },
    };
  }

  #nextAppend(): Append {
    const stream = this.streamOf(this.#next++);
    const last = this.#versions.get(stream) ?? STREAM_EVENTS - 1;
    this.#versions.set(stream, last + 1);
    return { stream, events: newEvents(1), expectedVersion: version(last) };
  }
}
