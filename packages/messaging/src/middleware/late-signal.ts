import type { MiddlewareContext, NextChanges } from "./middleware.ts";

/** A step's own signal, which aborts also with that of its context, and is made only for those who ask for it: that costs more than most messages. */
export class LateSignal implements NextChanges {
  readonly #context: MiddlewareContext;
  readonly #onAbort = (): void => this.abort(this.#source?.reason);
  #own: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  /** What it listens to. `AbortSignal.any` would not let go of it, and a signal may outlive many messages. */
  #source: AbortSignal | undefined;
  #isOver = false;

  constructor(context: MiddlewareContext) {
    this.#context = context;
  }

  get signal(): AbortSignal {
    return (this.#own ?? this.#make()).signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.end();
    this.#own?.abort(reason);
  }

  /** Listens no longer. */
  end(): void {
    this.#isOver = true;
    this.#source?.removeEventListener("abort", this.#onAbort);
  }

  #make(): AbortController {
    const own = new AbortController();
    this.#own = own;
    if (this.#aborted !== undefined) own.abort(this.#aborted.reason);
    else if (!this.#isOver) this.#listen();
    return own;
  }

  #listen(): void {
    this.#source = this.#context.signal;
    if (this.#source?.aborted === true) this.#onAbort();
    else this.#source?.addEventListener("abort", this.#onAbort, { once: true });
  }
}
