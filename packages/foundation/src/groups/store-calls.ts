import { unlessAborted, type Runtime } from "@reactive-domain/core";
import { WrongExpectedVersion } from "@reactive-domain/persistence";
import { mayPass, Resumption, resumption } from "../listeners/resumption.ts";

/** Calls of the store that are made again, after waits that grow, until it answers. */
export class StoreCalls {
  readonly #backoff = resumption(undefined);
  readonly #runtime: Runtime;
  readonly #givenUp: AbortSignal;
  readonly #onInterruption: (error: Error) => void;
  readonly #failing = new Map<object, Error>();
  #interruptions = 0;

  /** `givenUp` ends all of them. */
  constructor(runtime: Runtime, givenUp: AbortSignal, onInterruption: (error: Error) => void) {
    this.#runtime = runtime;
    this.#givenUp = givenUp;
    this.#onInterruption = onInterruption;
  }

  /** How often the store has failed. */
  get interruptions(): number {
    return this.#interruptions;
  }

  /** What the store said last, while a call waits to be made again. */
  get error(): Error | undefined {
    return [...this.#failing.values()].at(-1);
  }

  /** Whether nobody waits for answers any more. */
  get isGivenUp(): boolean {
    return this.#givenUp.aborted;
  }

  /** Whether waiting may mend it. */
  isMendable(error: unknown): boolean {
    return mayPass(error) && !(error instanceof WrongExpectedVersion);
  }

  /**
   * Makes a call until it is answered; what those before have done is not known. Errors: what waiting does not mend, the reasons of the
   * signals.
   */
  async untilAnswered<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    let waits: Resumption | undefined;
    try {
      for (;;) {
        try {
          return await unlessAborted(call(), this.#givenUp);
        } catch (error) {
          const isOver = this.#givenUp.aborted || signal?.aborted === true;
          waits ??= new Resumption(this.#backoff);
          if (isOver || !this.isMendable(error)) throw error;
          this.#interrupted(waits, error as Error);
          await waits.pause([this.#givenUp, signal], this.#runtime);
        }
      }
    } finally {
      if (waits !== undefined) this.#failing.delete(waits);
    }
  }

  #interrupted(waits: Resumption, error: Error): void {
    this.#interruptions++;
    this.#failing.set(waits, error);
    this.#onInterruption(error);
  }
}
