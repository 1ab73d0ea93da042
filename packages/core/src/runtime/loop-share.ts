import type { Runtime } from "./runtime.ts";
import { yieldToLoop } from "./waiting.ts";

/** Short enough for a server in the same process, long enough to cost nothing. */
const SLICE_MS = 1;
/** Also where a clock stands still, the loop has to turn. */
const MAX_STEPS = 64;

/** Lets a long piece of work keep the event loop for a while, and no longer: ask after each step, and await what comes. */
export class LoopShare {
  readonly #runtime: Runtime;
  #sliceEndMs: number;
  #steps = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#sliceEndMs = runtime.clock.monotonicMs() + SLICE_MS;
  }

  /** `undefined` while there is time left; otherwise a promise that resolves when the loop has turned. */
  pause(): Promise<void> | undefined {
    const isTimeLeft = this.#runtime.clock.monotonicMs() < this.#sliceEndMs;
    return isTimeLeft && ++this.#steps < MAX_STEPS ? undefined : this.#turn();
  }

  async #turn(): Promise<void> {
    await yieldToLoop({ runtime: this.#runtime });
    this.#steps = 0;
    this.#sliceEndMs = this.#runtime.clock.monotonicMs() + SLICE_MS;
  }
}
