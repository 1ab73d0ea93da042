import type { CancelTask, Scheduler } from "@reactive-domain/core";

/** What a {@link StallWatch} looks at. */
export interface Watched {
  /** A count that changes whenever something ends. */
  readonly progress: number;
  /** Whether something is under way that might have to end. */
  readonly isBusy: boolean;
  /** Whether anybody waits. */
  readonly isAwaited: boolean;
  onStalled(): void;
}

/** Looks, while somebody waits, whether anything ends. */
export class StallWatch {
  readonly #watched: Watched;
  readonly #scheduler: Scheduler;
  readonly #stallAfterMs: number;
  #cancel: CancelTask | undefined;

  constructor(watched: Watched, scheduler: Scheduler, stallAfterMs: number) {
    this.#watched = watched;
    this.#scheduler = scheduler;
    this.#stallAfterMs = stallAfterMs;
  }

  /** To be called when somebody begins to wait. */
  start(): void {
    if (this.#cancel !== undefined || this.#stallAfterMs === Number.POSITIVE_INFINITY) return;
    const seen = this.#watched.progress;
    this.#cancel = this.#scheduler.after(this.#stallAfterMs, () => this.#look(seen));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(seen: number): void {
    this.#cancel = undefined;
    if (!this.#watched.isAwaited) return;
    if (this.#watched.isBusy && this.#watched.progress === seen) this.#watched.onStalled();
    else this.start();
  }
}
