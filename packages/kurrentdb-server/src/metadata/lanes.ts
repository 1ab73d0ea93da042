/** Does what concerns one thing one after another, in the order of the calls, and what concerns different things at once. */
export class Lanes {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Errors: those of the work. What comes behind it is done all the same. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const result = before === undefined ? work() : before.then(work);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
