import { unlessAborted } from "@reactive-domain/core";

/** One look, and how many wait for it. */
class Look<T> {
  readonly #ending = new AbortController();
  readonly #answer: Promise<T>;
  #waiting = 0;

  constructor(before: Promise<unknown>, look: (signal: AbortSignal) => Promise<T>) {
    const { signal } = this.#ending;
    this.#answer = (async () => {
      // Those who come in the same turn share it.
      await unlessAborted(before, signal);
      return unlessAborted(look(signal), signal);
    })();
    this.#answer.catch(() => undefined);
  }

  /** Whether nobody waits for it any more. */
  get isGivenUp(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Settles when it is over, either way. */
  get over(): Promise<unknown> {
    return this.#answer.catch(() => undefined);
  }

  /** When the last one leaves, it is given up. */
  async wait(signal: AbortSignal): Promise<T> {
    this.#waiting++;
    try {
      return await unlessAborted(this.#answer, signal);
    } finally {
      if (--this.#waiting === 0) this.#ending.abort(new Error("Nobody waits for this look any more."));
    }
  }
}

/**
 * Looks at something for all who ask together, one look at a time. Who asks while a look is under way shares the next: the one that is under way may have begun before
 * what they want to see. One that nobody waits for any more is given up, so that it does not hold up the next.
 */
export class SharedLook<T> {
  readonly #look: (signal: AbortSignal) => Promise<T>;
  #current: Look<T> | undefined;
  /** The one that has not begun. */
  #next: Look<T> | undefined;

  constructor(look: (signal: AbortSignal) => Promise<T>) {
    this.#look = look;
  }

  /** Errors: the signal's reason, and those of the look. */
  ask(signal: AbortSignal): Promise<T> {
    const look = this.#next === undefined || this.#next.isGivenUp ? this.#begin() : this.#next;
    this.#next = look;
    return look.wait(signal);
  }

  #begin(): Look<T> {
    const look: Look<T> = new Look(this.#current?.over ?? Promise.resolve(), (signal) => {
      [this.#current, this.#next] = [look, undefined];
      return this.#look(signal);
    });
    void look.over.then(() => {
      if (this.#current === look) this.#current = undefined;
      if (this.#next === look) this.#next = undefined;
      return undefined;
    });
    return look;
  }
}
