/** What lies in a {@link DueHeap}. */
export interface Due {
  readonly dueMs: number;
  /** Of two that are due at the same time the smaller comes first. */
  readonly order: number;
  /** Its place in the heap, or -1. */
  index: number;
}

/** Gives what is due first, and takes anything out, in logarithmic time. */
export class DueHeap<T extends Due> {
  readonly #heap: T[] = [];

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(one: T): void {
    this.#put(one, this.#heap.length);
    this.#rise(one);
  }

  /** Takes out what must be in this heap. */
  remove(one: T): void {
    const last = this.#heap.pop();
    if (last !== undefined && last !== one) {
      this.#put(last, one.index);
      this.#rise(last);
      this.#sink(last);
    }
    one.index = -1;
  }

  #rise(one: T): void {
    for (;;) {
      const parent = this.#heap[(one.index - 1) >> 1];
      if (one.index === 0 || parent === undefined || isBefore(parent, one)) return;
      this.#swap(parent, one);
    }
  }

  #sink(one: T): void {
    for (;;) {
      const left = this.#heap[2 * one.index + 1];
      const right = this.#heap[2 * one.index + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(one, child)) return;
      this.#swap(one, child);
    }
  }

  #swap(one: T, other: T): void {
    const { index } = one;
    this.#put(one, other.index);
    this.#put(other, index);
  }

  #put(one: T, index: number): void {
    this.#heap[index] = one;
    one.index = index;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.dueMs === other.dueMs ? one.order < other.order : one.dueMs < other.dueMs;
}
