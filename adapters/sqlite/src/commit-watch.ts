import type { CancelTask, Scheduler } from "@reactive-domain/core";
import type { Database, Statement } from "better-sqlite3";

/** Tells listeners of commits: this process's own at once, those of others as soon as it sees them. It looks only while somebody listens. */
export class CommitWatch {
  readonly #dataVersion: Statement<[], number>;
  readonly #scheduler: Scheduler;
  readonly #intervalMs: number;
  readonly #listeners = new Set<() => void>();
  #seen: number | undefined;
  #cancel: CancelTask | undefined;

  constructor(database: Database, scheduler: Scheduler, intervalMs: number) {
    this.#dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck();
    this.#scheduler = scheduler;
    this.#intervalMs = intervalMs;
  }

  listen(listener: () => void): () => void {
    // Each call counts for itself, also when a function is given twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    if (this.#cancel === undefined) this.#start();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    this.#seen = this.#look();
    this.#cancel = this.#scheduler.after(this.#intervalMs, () => this.#poll());
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #poll(): void {
    this.#cancel = this.#scheduler.after(this.#intervalMs, () => this.#poll());
    const now = this.#look();
    if (now !== undefined && now === this.#seen) return;
    this.#seen = now;
    this.notify();
  }

  /** A number that another connection's commit changes. `undefined` when the file cannot be read: whoever is told then reads, and gets the error. */
  #look(): number | undefined {
    try {
      return this.#dataVersion.get();
    } catch {
      return undefined;
    }
  }
}
