import { onAbort } from "@reactive-domain/core";
import type { SerialQueue } from "./serial-queue.ts";

/** While it is held, no event is delivered, and no live signal either. Only who has it can release it. */
export interface DeliveryHold extends Disposable {
  /** Lets delivery go on. Calling it again does nothing. */
  release(): void;
}

/** The holds on one queue, granted one after another. */
export class Holds {
  readonly #queue: SerialQueue;
  readonly #held = new Set<() => void>();
  #isClosed = false;

  constructor(queue: SerialQueue) {
    this.#queue = queue;
  }

  /** Resolves when what is being delivered is delivered and recorded. Errors: the signal's reason, also while it is not granted yet. */
  take(signal: AbortSignal | undefined): Promise<DeliveryHold> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((grant, refuse) => {
      let isWanted = true;
      const leave = onAbort(signal, () => {
        isWanted = false;
        refuse(signal?.reason as Error);
      });
      void this.#queue.interject(() => {
        leave();
        return isWanted ? this.#hold(grant) : undefined;
      });
    });
  }

  /** Releases all of them: nothing is delivered any more. */
  close(): void {
    this.#isClosed = true;
    for (const release of this.#held) release();
  }

  /** Resolves when it is released. */
  #hold(grant: (hold: DeliveryHold) => void): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        this.#held.delete(release);
        resolve();
      };
      this.#held.add(release);
      if (this.#isClosed) release();
      grant({ release, [Symbol.dispose]: release });
    });
  }
}
