import type { CancelTask, Runtime } from "@reactive-domain/core";
import type { MessageBase } from "../message.ts";
import type { BatchSize } from "./queue-options.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** Says when the waiting messages make a batch, and calls back when they have waited long enough. */
export class BatchTimer<M extends MessageBase> {
  readonly maxMessages: number;
  /** Nothing waits for others any more. */
  isFlushing = false;
  readonly #maxWaitMs: number;
  readonly #room: WaitingRoom<M>;
  readonly #runtime: Runtime;
  readonly #onDue: () => void;
  #cancel: CancelTask | undefined;

  constructor({ maxMessages, maxWaitMs }: BatchSize, room: WaitingRoom<M>, runtime: Runtime, onDue: () => void) {
    this.maxMessages = maxMessages;
    this.#maxWaitMs = maxWaitMs;
    this.#room = room;
    this.#runtime = runtime;
    this.#onDue = onDue;
  }

  /** Whether a batch is to begin now; if not, a timer is armed for the oldest message. */
  isDue(): boolean {
    const oldestMs = this.#room.oldestMs;
    if (oldestMs === undefined) return false;
    if (this.isFlushing || this.#room.size >= this.maxMessages) return true;
    const remainingMs = oldestMs + this.#maxWaitMs - this.#runtime.clock.monotonicMs();
    if (remainingMs <= 0) return true;
    this.#cancel ??= this.#runtime.scheduler.after(remainingMs, () => {
      this.#cancel = undefined;
      this.#onDue();
    });
    return false;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
