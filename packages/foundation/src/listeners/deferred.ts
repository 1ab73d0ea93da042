/** A promise that is settled from outside. When nobody awaits it, its rejection ends nothing. */
export class Deferred {
  readonly promise: Promise<void>;
  readonly #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void };

  constructor() {
    let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
    this.promise = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.promise.catch(() => undefined);
    this.#settle = settle as NonNullable<typeof settle>;
  }

  resolve(): void {
    this.#settle.resolve();
  }

  reject(error: Error): void {
    this.#settle.reject(error);
  }
}
