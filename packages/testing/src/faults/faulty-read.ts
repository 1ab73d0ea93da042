import type { EventBatch, EventRead, RecordedEvent } from "@reactive-domain/persistence";
import type { ComingFault } from "./read-faults.ts";

/** A read that fails when it is asked for more than it may give. */
export class FaultyRead implements EventRead {
  readonly #read: EventRead;
  readonly #nextFault: () => ComingFault | undefined;
  readonly #onMet: () => void;

  constructor(read: EventRead, nextFault: () => ComingFault | undefined, onMet: () => void) {
    this.#read = read;
    this.#nextFault = nextFault;
    this.#onMet = onMet;
  }

  batches(): AsyncIterable<EventBatch> {
    return this.#give(this.#read.batches(), ({ events }) => events.length);
  }

  [Symbol.asyncIterator](): AsyncIterator<RecordedEvent> {
    return this.#give(this.#read, () => 1);
  }

  async *#give<T>(items: AsyncIterable<T>, countOf: (item: T) => number): AsyncGenerator<T, void> {
    const fault = this.#nextFault();
    let given = 0;
    try {
      this.#failAt(given, fault);
      for await (const item of items) {
        yield item;
        given += countOf(item);
        this.#failAt(given, fault);
      }
    } finally {
      fault?.claim.release();
    }
  }

  #failAt(given: number, fault: ComingFault | undefined): void {
    if (fault === undefined || given < fault.afterEvents || !fault.claim.stands) return;
    this.#onMet();
    throw fault.claim.meet();
  }
}
