import { waitWith } from "@reactive-domain/core";

/** A value, and how many were set before it. */
export interface PropertyState<T> {
  readonly value: T;
  readonly version: number;
  /** The version at which it was last to be told whatever was there before. */
  readonly forcedAt: number;
}

/** What a reader sees of a property. */
export interface PropertySource<T> {
  /** What is new to somebody who has seen this; `undefined` where nothing is. */
  readonly newsFor: (seen: PropertyState<T> | undefined) => PropertyState<T> | undefined;
  /** Whoever is in it is called when something is set. */
  readonly waiting: Set<() => void>;
}

/** One loop over the changes of a property. It keeps one value, and the property knows it only while it waits. */
export class PropertyReader<T> implements AsyncIterator<T, undefined> {
  readonly #source: PropertySource<T>;
  readonly #signal: AbortSignal | undefined;
  #seen: PropertyState<T> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(source: PropertySource<T>, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
  }

  /** Answers in the order in which it was asked. */
  next(): Promise<IteratorResult<T, undefined>> {
    const step = this.#last.then(() => this.#step());
    this.#last = step.catch(() => {
      this.#isOver = true;
    });
    return step;
  }

  /** Also ends a `next` that waits. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#isOver = true;
    this.#wake?.();
    return Promise.resolve(DONE);
  }

  async #step(): Promise<IteratorResult<T, undefined>> {
    while (!this.#isOver) {
      this.#signal?.throwIfAborted();
      const news = this.#source.newsFor(this.#seen);
      if (news !== undefined) {
        this.#seen = news;
        return { done: false, value: news.value };
      }
      await this.#change();
    }
    return DONE;
  }

  #change(): Promise<void> {
    const { waiting } = this.#source;
    return waitWith(this.#signal, (resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      waiting.add(wake);
      return () => waiting.delete(wake);
    });
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
