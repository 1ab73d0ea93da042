/** Those who look at what handlers write, one after another, while no handler runs. */
export class Readers {
  readonly #waiting: { readonly run: () => Promise<void>; readonly reject: (error: unknown) => void }[] = [];
  #isReading = false;

  /** Whether somebody reads or waits to. */
  get isActive(): boolean {
    return this.#isReading || this.#waiting.length > 0;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  /** Resolves to what `read` gives, when {@link readAll} has come to it. */
  add<T>(read: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (): Promise<void> => {
        const outcome = (async () => read())();
        resolve(outcome);
        await outcome.catch(() => undefined);
      };
      this.#waiting.push({ run, reject });
    });
  }

  /** Runs all who wait, and those who come meanwhile. Must be called while no handler runs, and none may begin before it resolves. */
  async readAll(): Promise<void> {
    this.#isReading = true;
    for (let many = this.#waiting.length; many > 0; many = this.#waiting.length) {
      for (const { run } of this.#waiting.splice(0, many)) await run();
    }
    this.#isReading = false;
  }

  /** Tells all who wait that they wait in vain. */
  rejectAll(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
