import type { Runtime } from "@reactive-domain/core";

const [LEAST_TICK_MS, MOST_TICK_MS] = [20, 500];

/** Calls from time to time, often enough to find what is late. */
export class LateMessages {
  readonly #runtime: Runtime;
  readonly #timeoutMs: number;
  readonly #onTick: (sentBeforeMs: number | undefined) => void;
  #cancel: () => void = () => undefined;

  /** `onTick` is told before when a message must have been sent to be late; `undefined` where none ever is. */
  constructor(runtime: Runtime, timeoutMs: number, onTick: (sentBeforeMs: number | undefined) => void) {
    this.#runtime = runtime;
    this.#timeoutMs = timeoutMs;
    this.#onTick = onTick;
    this.#tick();
  }

  end(): void {
    this.#cancel();
  }

  #tick(): void {
    const { scheduler, clock } = this.#runtime;
    const isTimed = this.#timeoutMs > 0;
    const tickMs = isTimed ? Math.min(MOST_TICK_MS, Math.max(LEAST_TICK_MS, this.#timeoutMs / 10)) : MOST_TICK_MS;
    this.#cancel = scheduler.after(tickMs, () => {
      this.#tick();
      this.#onTick(isTimed ? clock.monotonicMs() - this.#timeoutMs : undefined);
    });
  }
}
