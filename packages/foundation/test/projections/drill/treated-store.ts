import { sleep, StoreUnavailable, type ProjectionStore } from "@reactive-domain/foundation";
import type { Treatment } from "./steps.ts";

/** What keeps projections, as one worker finds it. */
export class TreatedStore {
  readonly store: ProjectionStore;
  #isDead = false;
  #refusals = 0;
  #isDone = false;
  #hangMs = 0;

  constructor(store: ProjectionStore) {
    this.store = new Proxy(store, {
      get: (target, name) => {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== "function") return call;
        return async (...args: readonly unknown[]): Promise<unknown> => this.#call(String(name), () => Reflect.apply(call, target, args));
      },
    });
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  treat(treatment: Treatment): void {
    if (treatment.how === "kill") this.#isDead = true;
    else if (treatment.how === "hang") this.#hangMs = treatment.ms;
    else [this.#refusals, this.#isDone] = [treatment.times, treatment.isDone];
  }

  heal(): void {
    this.#refusals = 0;
    this.#hangMs = 0;
  }

  async #call(name: string, call: () => unknown): Promise<unknown> {
    // One that is dead waits for ever.
    if (this.#isDead) return new Promise(() => undefined);
    const hangMs = this.#hangMs;
    this.#hangMs = 0;
    if (hangMs > 0) await sleep(hangMs);
    if (name !== "commit" || this.#refusals === 0) return call();
    this.#refusals--;
    if (this.#isDone) await call();
    throw new StoreUnavailable("What keeps projections", "went away", { retryable: true });
  }
}
