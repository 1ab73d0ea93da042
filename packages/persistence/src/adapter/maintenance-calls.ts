import { AlreadyClosed } from "@reactive-domain/core";

/** The calls of a maintenance: none begins once it is closed, and closing waits for those that are under way. */
export class MaintenanceCalls {
  readonly #location: string;
  readonly #failureOf: (error: unknown, location: string) => unknown;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** `failureOf` tells a failure of the system below in the port's words, and gives any other back. */
  constructor(location: string, failureOf: (error: unknown, location: string) => unknown) {
    this.#location = location;
    this.#failureOf = failureOf;
  }

  /** Errors: `already-closed`, and what the call ends with. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new AlreadyClosed(this.#location);
    const running = call();
    this.#underWay.add(running);
    try {
      return await running;
    } catch (error) {
      throw this.#failureOf(error, this.#location);
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Waits for what is under way, and then for `release`. Calling it again waits for the same end. */
  close(release?: () => Promise<void>): Promise<void> {
    return (this.#closing ??= this.#close(release));
  }

  async #close(release?: () => Promise<void>): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await release?.();
  }
}
