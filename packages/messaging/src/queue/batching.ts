import type { CancelTask, Runtime } from "@reactive-domain/core";
import type { BatchSize } from "./queue-options.ts";

/** The waiting messages from which a batch is made. */
export interface Group {
  readonly size: number;
  /** When the oldest of them was accepted. */
  readonly oldestMs: number | undefined;
  /** Set while they wait for others. */
  cancelTimer: CancelTask | undefined;
}

/** Says when the messages of a group are to become a batch, and calls back when they have waited long enough. */
export class Batching<G extends Group> {
  readonly #size: BatchSize;
  readonly #runtime: Runtime;
  readonly #onDue: (group: G) => void;
  /** Nothing waits for others any more. */
  isFlushing = false;

  constructor(size: BatchSize, runtime: Runtime, onDue: (group: G) => void) {
    this.#size = size;
    this.#runtime = runtime;
    this.#onDue = onDue;
  }

  /** Whether a batch is to begin now; if not, a timer is armed for the oldest message. */
  isDue(group: G): boolean {
    const { oldestMs, size } = group;
    if (oldestMs === undefined) return false;
    if (this.isFlushing || size >= this.#size.maxMessages) return true;
    const remainingMs = oldestMs + this.#size.maxWaitMs - this.#runtime.clock.monotonicMs();
    if (remainingMs <= 0) return true;
    group.cancelTimer ??= this.#runtime.scheduler.after(remainingMs, () => {
      group.cancelTimer = undefined;
      this.#onDue(group);
    });
    return false;
  }

  /** A batch of its first entry and those that `next` gives, as far as there are any and it may have them. */
  fill<E>(first: E, next: () => E | undefined): readonly E[] {
    const batch = [first];
    while (batch.length < this.#size.maxMessages) {
      const entry = next();
      if (entry === undefined) break;
      batch.push(entry);
    }
    return batch;
  }
}

/** To be called when the messages of a group wait no longer. */
export function stopWaiting(group: Group): void {
  group.cancelTimer?.();
  group.cancelTimer = undefined;
}
