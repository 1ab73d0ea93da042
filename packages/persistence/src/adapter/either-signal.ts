/** A signal that aborts with the first of two. It lets go of them when it is disposed of: one of them may live as long as the store. */
export class EitherSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #onAbort = (): void => {
    this.#controller.abort(this.#sources.find(({ aborted }) => aborted)?.reason);
  };

  constructor(one: AbortSignal, other: AbortSignal | undefined) {
    this.#sources = other === undefined ? [one] : [one, other];
    if (this.#sources.some(({ aborted }) => aborted)) this.#onAbort();
    else for (const source of this.#sources) source.addEventListener("abort", this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const source of this.#sources) source.removeEventListener("abort", this.#onAbort);
  }
}
