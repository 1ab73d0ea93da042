import { InvalidArgument } from "@reactive-domain/core";
import type { Database, Statement } from "better-sqlite3";
import { isFailureOfFile } from "../../sqlite-failure.ts";
import { TransactionEnded } from "../../transaction-ended.ts";

/** What work threw, whose changes are undone. */
export interface Thrown {
  readonly thrown: unknown;
}

/**
 * Runs SQL that others wrote within a transaction that they do not own. While it runs, a reference to nothing keeps SQLite from committing, and where that is gone afterwards, so
 * is the transaction.
 */
export class GuardedWork {
  readonly #database: Database;
  readonly #begin: Statement<[]>;
  readonly #undo: Statement<[]>;
  readonly #end: Statement<[]>;
  readonly #block: Statement<[]>;
  readonly #unblock: Statement<[]>;

  /** To be made outside of transactions. */
  constructor(database: Database) {
    this.#database = database;
    database.exec(
      "CREATE TEMP TABLE IF NOT EXISTS _projection_work (one INTEGER PRIMARY KEY, other INTEGER REFERENCES _projection_work (one) DEFERRABLE INITIALLY DEFERRED)",
    );
    this.#begin = database.prepare("SAVEPOINT _projection_work");
    this.#undo = database.prepare("ROLLBACK TO _projection_work");
    this.#end = database.prepare("RELEASE _projection_work");
    this.#block = database.prepare("INSERT INTO temp._projection_work (one, other) VALUES (1, 2)");
    this.#unblock = database.prepare("DELETE FROM temp._projection_work");
  }

  /** What the work threw, or `undefined`. Throws {@link TransactionEnded} where nothing is left to undo, and what SQLite says of its file. */
  run(work: () => unknown): Thrown | undefined {
    this.#begin.run();
    this.#block.run();
    let result: unknown;
    try {
      result = work();
    } catch (error) {
      return this.#undone(error);
    }
    if (isThenable(result)) return this.#undone(asynchronous(result));
    if (!this.#isThere()) throw new TransactionEnded(ended());
    this.#end.run();
    return undefined;
  }

  #undone(error: unknown): Thrown {
    if (isFailureOfFile(error)) throw error;
    if (!this.#isThere()) throw new TransactionEnded(error);
    this.#undo.run();
    this.#end.run();
    return { thrown: error };
  }

  /** To be asked once. */
  #isThere(): boolean {
    return this.#database.inTransaction && this.#unblock.run().changes === 1;
  }
}

function asynchronous(result: unknown): InvalidArgument {
  // What it rejects with has no meaning any more. What only looks like a promise may begin to work when it is awaited.
  if (result instanceof Promise) result.catch(() => undefined);
  return new InvalidArgument(
    "The SQL of a projection in SQLite",
    "synchronous: it runs within a transaction that ends when it returns",
    result,
    "Nothing of it was kept. Run its statements to their end, without async, await or a promise that is returned.",
  );
}

function ended(): InvalidArgument {
  return new InvalidArgument(
    "The SQL of a projection",
    "within the transaction that it is called in",
    "ended by it",
    "Leave out its BEGIN, COMMIT and ROLLBACK; to undo some of it, use a SAVEPOINT. What it changed after it had ended the transaction stays.",
  );
}

function isThenable(value: unknown): boolean {
  return (
    (typeof value === "object" || typeof value === "function") && value !== null && "then" in value && typeof value.then === "function"
  );
}
