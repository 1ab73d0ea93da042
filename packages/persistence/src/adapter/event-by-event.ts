import type { RecordedEvent } from "../recorded-event.ts";

const DONE: IteratorResult<RecordedEvent, undefined> = { done: true, value: undefined };

/** The event-by-event face of what comes in batches: an event of a batch that is there costs one settled promise. */
export class EventByEvent<T> implements AsyncIterableIterator<RecordedEvent, undefined> {
  readonly #batches: AsyncIterator<T, unknown>;
  readonly #eventsOf: (batch: T) => readonly RecordedEvent[];
  #batch: readonly RecordedEvent[] = [];
  #index = 0;
  #loading: Promise<IteratorResult<RecordedEvent, undefined>> | undefined;

  constructor(batches: AsyncIterator<T, unknown>, eventsOf: (batch: T) => readonly RecordedEvent[]) {
    this.#batches = batches;
    this.#eventsOf = eventsOf;
  }

  next(): Promise<IteratorResult<RecordedEvent, undefined>> {
    // Whoever asks before the last answer is there waits in line.
    if (this.#loading !== undefined) return this.#loading.then(() => this.next());
    const value = this.#batch[this.#index];
    if (value === undefined) return this.#load();
    this.#index++;
    return Promise.resolve({ done: false, value });
  }

  async return(): Promise<IteratorResult<RecordedEvent, undefined>> {
    this.#batch = [];
    await this.#batches.return?.();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #load(): Promise<IteratorResult<RecordedEvent, undefined>> {
    this.#loading = this.#nextBatch().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #nextBatch(): Promise<IteratorResult<RecordedEvent, undefined>> {
    for (;;) {
      const result = await this.#batches.next();
      if (result.done === true) return DONE;
      const events = this.#eventsOf(result.value);
      const [first] = events;
      if (first === undefined) continue;
      this.#batch = events;
      this.#index = 1;
      return { done: false, value: first };
    }
  }
}
