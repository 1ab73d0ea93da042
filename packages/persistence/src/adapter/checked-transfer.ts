import { yieldToLoop, type Runtime } from "@reactive-domain/core";
import type { Capability } from "../capability.ts";
import type { CallOptions } from "../read.ts";
import type { StoreRecord } from "../store-record.ts";
import type { CopyProgress, RecordsPart, Transfer, TransferPart, TransferStatus } from "../transfer.ts";
import { answerWithin } from "./answer-within.ts";
import { capabilitiesOfRecords, ownPart } from "./check-transfer.ts";
import type { TransferDriver } from "./driver.ts";
import { takeTurn } from "./take-turn.ts";

export interface CheckedTransferOptions {
  /** The driver's part. Throws where there is none, or the store is closed. */
  readonly driver: () => TransferDriver;
  /** Throws where the store lacks it. */
  readonly refuseGap: (capability: Capability) => void;
  readonly runtime: Runtime;
}

/** The transfer of a port over that of a driver: parts are checked and copied, records are numbered. */
export class CheckedTransfer implements Transfer {
  readonly #options: CheckedTransferOptions;

  constructor(options: CheckedTransferOptions) {
    this.#options = options;
  }

  async status({ signal }: CallOptions = {}): Promise<TransferStatus> {
    return answerWithin((await this.#step(signal)).status(), signal);
  }

  async *records({ signal }: CallOptions = {}): AsyncGenerator<RecordsPart, void, undefined> {
    const driver = await this.#step(signal);
    const { log } = await driver.status();
    const round = this.#options.runtime.ids.next();
    let index = 0;
    let held: readonly StoreRecord[] | undefined;
    for await (const records of driver.records()) {
      if (held !== undefined) yield { kind: "records", log, round, index: index++, records: held, isLast: false };
      held = records;
      await yieldToLoop({ runtime: this.#options.runtime });
      await this.#step(signal);
    }
    yield { kind: "records", log, round, index, records: held ?? [], isLast: true };
  }

  async take(part: TransferPart, { signal }: CallOptions = {}): Promise<CopyProgress> {
    signal?.throwIfAborted();
    const own = ownPart(part);
    const driver = await this.#step(signal);
    if (own.kind === "records") for (const capability of capabilitiesOfRecords(own)) this.#options.refuseGap(capability);
    return driver.take(own);
  }

  async #step(signal: AbortSignal | undefined): Promise<TransferDriver> {
    await takeTurn(this.#options.runtime, signal);
    return this.#options.driver();
  }
}
