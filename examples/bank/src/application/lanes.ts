/** Lets tasks run side by side, but those that share a key one after another, in the order in which they came. */
export class Lanes {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs a task behind all earlier ones that share any of its keys. */
  run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const before = keys.map((key) => this.#tails.get(key)).filter((tail) => tail !== undefined);
    const result = before.length === 0 ? task() : Promise.all(before).then(task);
    const leave = (): void => this.#leave(keys, tail);
    const tail: Promise<void> = result.then(leave, leave);
    for (const key of keys) this.#tails.set(key, tail);
    return result;
  }

  #leave(keys: readonly string[], tail: Promise<unknown>): void {
    for (const key of keys) if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
