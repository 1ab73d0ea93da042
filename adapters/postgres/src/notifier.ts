import type { CancelTask, Runtime } from "@reactive-domain/core";

export interface NotifierOptions {
  readonly runtime: Runtime;
  /** Notifies by itself. Must not reject. */
  readonly notify: () => Promise<void>;
}

const INTERVAL_MS = 5;
/** Longer, so that the next commit can tell it along. */
const OWED_MS = 10;

/**
 * Says which commits notify. A commit that does waits for all others of the server that do, whatever their database: one write by itself always does, of larger
 * groups only one in some milliseconds, and what the others left untold follows.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancel: CancelTask | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Whether a commit of so many writes that begins now is to notify. One that does not is to {@link owe} when it is done. */
  begin(writes: number): boolean {
    const nowMs = this.#options.runtime.clock.monotonicMs();
    if (writes > 1 && nowMs - this.#lastMs < INTERVAL_MS) return false;
    this.#lastMs = nowMs;
    this.#cancel?.();
    this.#cancel = undefined;
    return true;
  }

  /** Something was committed that nobody else has been told of. */
  owe(): void {
    this.#cancel ??= this.#options.runtime.scheduler.after(OWED_MS, () => this.#send());
  }

  /** Sends what is owed. */
  async close(): Promise<void> {
    if (this.#cancel !== undefined) this.#send();
    await this.#sending;
  }

  #send(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#lastMs = this.#options.runtime.clock.monotonicMs();
    this.#sending = this.#options.notify();
  }
}
