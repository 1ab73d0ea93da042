import type { WorkerHealth } from "@reactive-domain/foundation";
import { showWorst } from "./show-health.ts";

/** Looks after the read models, and what else works on events, while commands are carried out: one look at a time, and what it found until the next. */
export class ReadModelWatch {
  readonly #report: () => Promise<readonly WorkerHealth[]>;
  #looking: Promise<void> | undefined;
  #found = "";

  constructor(report: () => Promise<readonly WorkerHealth[]>) {
    this.#report = report;
  }

  /** What the last look found, in a few words; another one begins. */
  look(): string {
    this.#looking ??= this.#look();
    return this.#found;
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      this.#found = showWorst(await this.#report());
    } catch {
      // The store fails: commands come upon it as well, and tell.
      this.#found = "answers at an unknown place";
    } finally {
      this.#looking = undefined;
    }
  }
}
