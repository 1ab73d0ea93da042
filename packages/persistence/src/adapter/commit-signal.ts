import { waitWith, type Runtime } from "@reactive-domain/core";

export interface CommitWait {
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Counts commits while somebody looks for them, so that none is missed between looking and waiting. */
export class CommitSignal implements Disposable {
  readonly #stop: () => void;
  #count = 0;
  #wake: (() => void) | undefined;

  constructor(onCommit: (listener: () => void) => () => void) {
    this.#stop = onCommit(() => {
      this.#count++;
      this.#wake?.();
    });
  }

  get count(): number {
    return this.#count;
  }

  /** Resolves at the next commit behind `seen`, or when the time is up. Rejects with the signal's reason. */
  async after(seen: number, { runtime, signal, timeoutMs }: CommitWait): Promise<void> {
    if (this.#count !== seen) return;
    let cancel = (): void => undefined;
    try {
      await waitWith(signal, (done) => {
        this.#wake = done;
        cancel = runtime.scheduler.after(timeoutMs, done);
        return cancel;
      });
    } finally {
      cancel();
      this.#wake = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
