const MAX_KEPT = 1_000;

/** What was found out at places of the log where readers of a stream have come to, so that the next page begins there without a search. */
export class KeptPlaces<T> {
  readonly #kept = new Map<string, T>();

  at(stream: string, place: number): T | undefined {
    return this.#kept.get(keyOf(stream, place));
  }

  /** Keeps something in the place of what was kept for the place before; of too many the oldest is forgotten. */
  keep(stream: string, place: number, value: T, before?: number): void {
    if (before !== undefined) this.#kept.delete(keyOf(stream, before));
    const key = keyOf(stream, place);
    this.#kept.delete(key);
    this.#kept.set(key, value);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function keyOf(stream: string, place: number): string {
  return `${place}@${stream}`;
}
