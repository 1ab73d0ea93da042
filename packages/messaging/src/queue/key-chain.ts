/** What lies in a {@link KeyChain}. */
export interface LinkedInKey<T> {
  beforeInKey: T | undefined;
  afterInKey: T | undefined;
}

/** A chain of the messages of one key and lane, beside the chain of all messages of the lane in which each of them is, too. */
export class KeyChain<T extends LinkedInKey<T>> {
  first: T | undefined = undefined;
  #last: T | undefined = undefined;

  push(one: T): void {
    const last = this.#last;
    one.beforeInKey = last;
    if (last === undefined) this.first = one;
    else last.afterInKey = one;
    this.#last = one;
  }

  /** Takes out what must be in this chain. */
  remove(one: T): void {
    const { beforeInKey, afterInKey } = one;
    if (beforeInKey === undefined) this.first = afterInKey;
    else beforeInKey.afterInKey = afterInKey;
    if (afterInKey === undefined) this.#last = beforeInKey;
    else afterInKey.beforeInKey = beforeInKey;
    one.beforeInKey = one.afterInKey = undefined;
  }
}
