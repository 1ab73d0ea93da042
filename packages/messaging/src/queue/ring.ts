/** A longer array that is less than an eighth full is cut in half. */
const SMALL_LENGTH = 1_024;
const ROOMY = 8;

/** First in, first out, in an array that is used round and round. */
export class Ring<T> {
  /** Its length is a power of two. */
  #items: (T | undefined)[] = [undefined, undefined, undefined, undefined];
  #head = 0;
  #size = 0;

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  get isFull(): boolean {
    return this.#size === this.#items.length;
  }

  push(one: T): void {
    if (this.isFull) this.#move(this.#size * 2);
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = one;
    this.#size++;
  }

  unshift(one: T): void {
    if (this.isFull) this.#move(this.#size * 2);
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = one;
    this.#size++;
  }

  /** Takes the first out, of which there must be one. */
  shift(): void {
    const { length } = this.#items;
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (length - 1);
    this.#size--;
    if (this.#size < length / ROOMY && length > SMALL_LENGTH) this.#move(length / 2);
  }

  /** Takes out all that are not to stay, and makes room for as many as do. */
  sift(isToStay: (one: T) => boolean): void {
    const items = this.#items;
    const { length } = items;
    const size = this.#size;
    this.#size = 0;
    for (let index = 0; index < size; index++) {
      const one = items[(this.#head + index) & (length - 1)];
      items[(this.#head + index) & (length - 1)] = undefined;
      if (one !== undefined && isToStay(one)) this.push(one);
    }
    if (this.#size > length / 2) this.#move(length * 2);
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.#size; index++) yield this.#items[(this.#head + index) & (this.#items.length - 1)] as T;
  }

  #move(length: number): void {
    const items = this.#items;
    this.#items = items.slice(this.#head).concat(items.slice(0, this.#head));
    this.#items.length = length;
    this.#head = 0;
  }
}
