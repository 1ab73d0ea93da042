import { AlreadyClosed, type Runtime, unlessAborted } from "@reactive-domain/core";
import type { MaybePromise } from "../adapter/driver.ts";
import { takeTurn } from "../adapter/take-turn.ts";
import type { CallOptions } from "../read.ts";

/** The calls that are let through to what keeps items, until it is closed. */
export class OpenCalls {
  readonly #name: string;
  readonly #runtime: Runtime;
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  /** @param name What errors call that which was closed. */
  constructor(name: string, runtime: Runtime) {
    this.#name = name;
    this.#runtime = runtime;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What takes a caller's time ends with its signal; what is under way then goes on unheard. */
  async run<T>({ signal }: CallOptions, call: () => MaybePromise<T>): Promise<T> {
    if (this.#isClosed) throw new AlreadyClosed(this.#name);
    const outcome = this.#inTurn(signal, call);
    this.#underWay.add(outcome);
    const forget = (): boolean => this.#underWay.delete(outcome);
    void outcome.then(forget, forget);
    return signal === undefined ? outcome : unlessAborted(outcome, signal);
  }

  /** Lets no further call through, and resolves when those before have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
  }

  async #inTurn<T>(signal: AbortSignal | undefined, call: () => MaybePromise<T>): Promise<T> {
    await takeTurn(this.#runtime, signal);
    return call();
  }
}
