import { onAbort } from "./on-abort.ts";

/**
 * A signal that aborts with the first of some. It lets go of them when it is disposed of, which `AbortSignal.any` would not: one of them may live as long as the program.
 */
export class EitherSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #leave: readonly (() => void)[];

  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    const abort = (source: AbortSignal | undefined): void => this.#controller.abort(source?.reason);
    this.#leave = sources.map((source) => onAbort(source, () => abort(source)));
    const aborted = sources.find((source) => source?.aborted === true);
    if (aborted !== undefined) abort(aborted);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const leave of this.#leave) leave();
  }
}
