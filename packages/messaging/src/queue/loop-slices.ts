import { yieldToLoop, type Runtime } from "@reactive-domain/core";

const SLICE_MS = 1;
/** Also where a clock stands still, the loop has to turn. */
const MAX_STEPS = 1_024;
/** The clock is read after as many steps: where steps are short, reading it takes longer than they do. */
const SHORT_STEPS = 8;
/** With fewer steps in a slice, they are not short. */
const FEW_STEPS = 64;

/** Lets workers that wait for nothing keep the event loop for a millisecond, all of them together. */
export class LoopSlices {
  readonly #runtime: Runtime;
  #endMs = 0;
  #steps = 0;
  #stepsAtOnce = 1;
  #stepsLeft = 0;
  #turning: Promise<void> | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** To be asked before each step: `undefined` while there is time left, otherwise a promise that resolves when the loop has turned. */
  pause(): Promise<void> | undefined {
    return this.#turning ?? (--this.#stepsLeft > 0 ? undefined : this.#look());
  }

  /** To be told when the loop has turned. */
  begin(): void {
    this.#turning = undefined;
    this.#steps = 0;
    this.#stepsLeft = this.#stepsAtOnce;
    this.#endMs = this.#runtime.clock.monotonicMs() + SLICE_MS;
  }

  #look(): Promise<void> | undefined {
    this.#steps += this.#stepsAtOnce;
    this.#stepsLeft = this.#stepsAtOnce;
    if (this.#steps < MAX_STEPS && this.#runtime.clock.monotonicMs() < this.#endMs) return undefined;
    this.#stepsAtOnce = this.#steps < FEW_STEPS ? 1 : SHORT_STEPS;
    return (this.#turning = this.#turn());
  }

  async #turn(): Promise<void> {
    await yieldToLoop({ runtime: this.#runtime });
    this.begin();
  }
}
