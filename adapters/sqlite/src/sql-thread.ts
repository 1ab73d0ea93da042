import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { SQL_THREAD_CODE } from "./sql-thread-code.ts";

/** A value in a statement or a row. */
export type SqlValue = string | number | null;

export interface SqlThreadOptions {
  readonly path: string;
  readonly readOnly: boolean;
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  readonly rows: readonly unknown[];
  readonly failure?: { readonly message: string; readonly code?: unknown };
}

/** The rows that SQLite gave, and what it failed with then. */
export interface RowsSoFar<Row> {
  readonly rows: readonly Row[];
  readonly failure: Error | undefined;
}

interface Waiting {
  readonly answer: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A connection in a thread of its own: statements that take minutes do not hold up the event loop. One statement at a time. SQLite cannot be interrupted, so a
 * statement that was given up goes on to its end, without anybody who waits for it. The thread is never terminated: Node.js would abort the process if that
 * statement failed then.
 */
export class SqlThread implements AsyncDisposable {
  /** Resolves when the file is closed. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#giveUp();
  readonly #isGivenUp = new Int32Array(new SharedArrayBuffer(4));
  #waiting: Waiting | undefined;
  #broken: Error | undefined;

  constructor({ path, readOnly, signal }: SqlThreadOptions) {
    signal?.throwIfAborted();
    const library = createRequire(import.meta.url).resolve("better-sqlite3");
    const workerData = { library, path: resolve(path), readOnly, isGivenUp: this.#isGivenUp };
    this.#signal = signal;
    this.#worker = new Worker(SQL_THREAD_CODE, { eval: true, execArgv: [], workerData });
    this.#worker.on("message", (answer: Answer) => {
      // Only a statement that runs keeps the process alive.
      this.#worker.unref();
      this.#waiting?.answer(answer);
    });
    this.#worker.on("error", (error) => this.#break(error));
    this.ended = new Promise((done) => this.#worker.once("exit", () => done()));
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** The rows of a statement. Throws what SQLite does, and the signal's reason. */
  async all<Row>(sql: string, ...params: readonly SqlValue[]): Promise<readonly Row[]> {
    const { rows, failure } = await this.allSoFar<Row>(sql, ...params);
    if (failure !== undefined) throw failure;
    return rows;
  }

  /** The rows of a statement, also where SQLite fails after some of them. Throws the signal's reason. */
  async allSoFar<Row>(sql: string, ...params: readonly SqlValue[]): Promise<RowsSoFar<Row>> {
    this.#signal?.throwIfAborted();
    const { rows, failure } = await new Promise<Answer>((answer, reject) => {
      if (this.#broken !== undefined) return reject(this.#broken);
      this.#waiting = { answer, reject };
      this.#tell({ sql, params });
    });
    return { rows: rows as readonly Row[], failure: failure === undefined ? undefined : asError(failure) };
  }

  /** The first value of the first row. */
  async value<T>(sql: string, ...params: readonly SqlValue[]): Promise<T> {
    const [row] = await this.all<Record<string, T>>(sql, ...params);
    return Object.values(row ?? {})[0] as T;
  }

  /** Closes the file; waits for that unless it was given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#tell("close");
    if (this.#signal?.aborted !== true) await this.ended;
  }

  #tell(request: unknown): void {
    this.#worker.ref();
    this.#worker.postMessage(request);
  }

  /** The thread itself failed: nothing is answered any more. */
  #break(error: Error): void {
    this.#broken = error;
    this.#waiting?.reject(error);
  }

  #giveUp(): void {
    Atomics.store(this.#isGivenUp, 0, 1);
    this.#waiting?.reject(this.#signal?.reason);
  }
}

function asError({ message, code }: { readonly message: string; readonly code?: unknown }): Error {
  return typeof code === "string" ? new Database.SqliteError(message, code) : new Error(message);
}
