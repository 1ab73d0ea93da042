import { warn } from "@reactive-domain/core";
import type { Unsubscribe } from "./handler.ts";

/** Who wants to hear of what. */
export class Notices<N> {
  readonly #observers = new Set<(notice: N) => void>();

  get isObserved(): boolean {
    return this.#observers.size > 0;
  }

  observe(observer: (notice: N) => void): Unsubscribe {
    // Each call counts for itself, also when a function is given twice.
    const own = (notice: N): void => observer(notice);
    this.#observers.add(own);
    return () => void this.#observers.delete(own);
  }

  /** What an observer throws must not reach those who only send: it becomes a warning of the process. */
  tell(notice: N): void {
    for (const observer of this.#observers) {
      try {
        observer(notice);
      } catch (error) {
        warn(error);
      }
    }
  }
}
