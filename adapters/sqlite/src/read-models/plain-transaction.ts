import type { Database, Statement } from "better-sqlite3";
import type { WriteTransaction } from "../group-commit.ts";

/** `BEGIN IMMEDIATE` … `COMMIT`: what is read in it cannot change before it ends. */
export class PlainTransaction implements WriteTransaction {
  readonly #database: Database;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;

  constructor(database: Database) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
  }

  begin(): void {
    this.#begin.run();
  }

  commit(): void {
    this.#commit.run();
  }

  /** SQLite has ended the transaction by itself after some errors, such as a full disk. */
  rollback(): void {
    if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
  }
}
