/** What lies in a {@link Chain}: at one place in one chain at a time. */
export interface Linked<T> {
  before: T | undefined;
  after: T | undefined;
}

/** A list from which anything can be taken in constant time. */
export class Chain<T extends Linked<T>> {
  first: T | undefined = undefined;
  #last: T | undefined = undefined;

  push(one: T): void {
    const last = this.#last;
    one.before = last;
    if (last === undefined) this.first = one;
    else last.after = one;
    this.#last = one;
  }

  /** Takes out what must be in this chain. */
  remove(one: T): void {
    const { before, after } = one;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    one.before = one.after = undefined;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let one = this.first; one !== undefined; one = one.after) yield one;
  }
}
