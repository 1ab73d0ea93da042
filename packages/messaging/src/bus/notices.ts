import { InvalidArgument, warn } from "@reactive-domain/core";
import { promiseIn } from "../thenable.ts";
import type { Unsubscribe } from "./handler.ts";

/** Who wants to hear of what. */
export class Notices<N> {
  readonly #observers = new Set<(notice: N) => unknown>();

  get isObserved(): boolean {
    return this.#observers.size > 0;
  }

  observe(observer: (notice: N) => unknown): Unsubscribe {
    if (typeof observer !== "function") throw new InvalidArgument("observer", "a function", observer);
    // Each call counts for itself, also when a function is given twice.
    const own = (notice: N): unknown => observer(notice);
    this.#observers.add(own);
    return () => void this.#observers.delete(own);
  }

  /** What an observer throws, now or later, must not reach those who only send: it becomes a warning of the process. */
  tell(notice: N): void {
    for (const observer of this.#observers) {
      try {
        promiseIn(observer(notice))?.catch(warn);
      } catch (error) {
        warn(error);
      }
    }
  }
}
