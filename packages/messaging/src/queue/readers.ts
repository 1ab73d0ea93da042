import { Waiter } from "./entry.ts";

interface Reader {
  readonly read: () => unknown;
  readonly waiter: Waiter;
}

/** Those who look at what handlers write, one after another, while no handler runs. */
export class Readers {
  readonly #waiting: Reader[] = [];
  #current: Reader | undefined;
  #ended = 0;

  /** Whether somebody reads or waits to. */
  get isActive(): boolean {
    return this.isReading || this.#waiting.length > 0;
  }

  get isReading(): boolean {
    return this.#current !== undefined;
  }

  /** How many have ended. */
  get ended(): number {
    return this.#ended;
  }

  /** Resolves to what `read` gives, when {@link readAll} has come to it. */
  add<T>(read: () => T | Promise<T>): Promise<T> {
    const waiter = new Waiter();
    this.#waiting.push({ read, waiter });
    return waiter.promise as Promise<T>;
  }

  /** Lets all read who wait, and those who come meanwhile. Must be called while no handler runs, and none may begin before it resolves. */
  async readAll(): Promise<void> {
    for (let reader = this.#waiting.shift(); reader !== undefined; reader = this.#waiting.shift()) {
      this.#current = reader;
      void run(reader);
      // Also for one that is given up while it reads.
      await reader.waiter.promise.catch(() => undefined);
      this.#ended++;
    }
    this.#current = undefined;
  }

  /** Tells the one who reads and all who wait that they wait in vain. {@link readAll} then resolves. */
  giveUp(error: unknown): void {
    this.#current?.waiter.reject(error);
    for (const { waiter } of this.#waiting.splice(0)) waiter.reject(error);
  }
}

async function run({ read, waiter }: Reader): Promise<void> {
  try {
    waiter.resolve(await read());
  } catch (error) {
    waiter.reject(error);
  }
}
