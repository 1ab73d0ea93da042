import { currentRuntime, waitWith } from "@reactive-domain/core";

/** One at a time for each stream, as far as this process goes, and only for so long: who has waited his time goes on without. */
export class Turns {
  readonly #runtime = currentRuntime();
  /** Settle when the last who asked for a stream has had his turn. */
  readonly #last = new Map<string, Promise<void>>();

  /** Whether somebody has, or waits for, a turn. */
  areTaken(stream: string): boolean {
    return this.#last.has(stream);
  }

  /** Waits for a turn, at most `maxWaitMs`, and returns how it is ended. Errors: the signal's reason. */
  async take(stream: string, maxWaitMs: number, signal: AbortSignal | undefined): Promise<() => void> {
    const before = this.#last.get(stream);
    let end = (): void => undefined;
    const own = new Promise<void>((resolve) => {
      end = resolve;
    });
    const last = before === undefined ? own : Promise.all([before, own]).then(() => undefined);
    this.#last.set(stream, last);
    void last.then(() => (this.#last.get(stream) === last ? this.#last.delete(stream) : undefined));
    if (before === undefined) return end;
    try {
      await waitWith(signal, (finish) => {
        const cancel = this.#runtime.scheduler.after(maxWaitMs, finish);
        void before.then(() => {
          cancel();
          return finish();
        });
        return cancel;
      });
      return end;
    } catch (error) {
      end();
      throw error;
    }
  }
}
