import type { CopyProgress, EventStore, StoreRecord, TransferPart, TransferStatus } from "@reactive-domain/persistence";
import type { TransferDriver } from "@reactive-domain/persistence/adapter";

/** The transfer of another store, as a driver has it. */
export class InnerTransfer implements TransferDriver {
  protected readonly inner: EventStore["transfer"];
  readonly #committed: () => void;

  constructor(inner: EventStore["transfer"], committed: () => void) {
    this.inner = inner;
    this.#committed = committed;
  }

  status(): Promise<TransferStatus> {
    return this.inner.status();
  }

  async *records(): AsyncIterable<readonly StoreRecord[]> {
    for await (const { records } of this.inner.records()) yield records;
  }

  async take(part: TransferPart): Promise<CopyProgress> {
    const progress = await this.inner.take(part);
    this.#committed();
    return progress;
  }
}
