const MAX_KEPT = 10_000;

/** Something about positions of the log, kept for the last ten thousand of them at least. */
export class RecentPlaces<T> {
  #recent = new Map<number, T>();
  #older = new Map<number, T>();

  keep(place: number, value: T): void {
    if (this.#recent.size >= MAX_KEPT) [this.#older, this.#recent] = [this.#recent, new Map()];
    this.#recent.set(place, value);
  }

  get(place: number): T | undefined {
    return this.#recent.get(place) ?? this.#older.get(place);
  }

  forget(place: number): void {
    this.#recent.delete(place);
    this.#older.delete(place);
  }
}
