import { InvalidArgument, type Position, type Runtime } from "@reactive-domain/core";
import { Deferred } from "./deferred.ts";

/** How long somebody waits. */
export interface CatchUpWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Waiter {
  readonly position: Position;
  readonly reached: Deferred;
}

/** Those who wait until everything up to a position is handled. */
export class Waiters {
  readonly #runtime: Runtime;
  #waiting: readonly Waiter[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Errors: what `timedOut` makes, the signal's reason, and what {@link fail} is given. */
  async wait(position: Position, { timeoutMs, signal }: CatchUpWait, timedOut: () => Error): Promise<void> {
    signal?.throwIfAborted();
    const waiter = { position, reached: new Deferred() };
    const giveUp = (error: Error): void => {
      this.#waiting = this.#waiting.filter((one) => one !== waiter);
      waiter.reached.reject(error);
    };
    const onAbort = (): void => giveUp(signal?.reason as Error);
    const cancel = this.#runtime.scheduler.after(timeoutMs, () => giveUp(timedOut()));
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiting = [...this.#waiting, waiter];
    try {
      await waiter.reached.promise;
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Lets those go on who wait for this position or for one before it. */
  reach(upTo: Position | null): void {
    if (this.#waiting.length === 0 || upTo === null) return;
    const reached = this.#waiting.filter(({ position }) => position <= upTo);
    if (reached.length === 0) return;
    this.#waiting = this.#waiting.filter(({ position }) => position > upTo);
    for (const waiter of reached) waiter.reached.resolve();
  }

  fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reached } of waiting) reached.reject(error);
  }
}

/** How long to wait, and for what. */
export interface CatchUpOptions {
  /** The longest wait, in milliseconds, above 0. Default 30,000. */
  readonly timeoutMs?: number;
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Errors: `invalid-argument`. */
export function checkWait({ timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CatchUpOptions): CatchUpWait {
  if (!(timeoutMs > 0)) throw new InvalidArgument("timeoutMs", "a number above 0", timeoutMs);
  return { timeoutMs, signal };
}
