import type { Database, Statement } from "better-sqlite3";

/** Lets several reads tell of one moment. */
export class ReadTransaction {
  readonly #database: Database;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;

  constructor(database: Database) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN");
    this.#commit = database.prepare("COMMIT");
  }

  run<T>(read: () => T): T {
    this.#begin.run();
    try {
      return read();
    } finally {
      if (this.#database.inTransaction) this.#commit.run();
    }
  }
}
