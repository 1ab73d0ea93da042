import type { Database, Statement } from "better-sqlite3";
import type { EventWriter } from "./event-writer.ts";
import type { WriteTransaction } from "./group-commit.ts";

/** One `BEGIN IMMEDIATE` … `COMMIT`: what is read in it cannot change before it ends. */
export class SqliteWriteTransaction implements WriteTransaction {
  readonly #database: Database;
  readonly #writer: EventWriter;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;

  constructor(database: Database, writer: EventWriter) {
    this.#database = database;
    this.#writer = writer;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
  }

  begin(): void {
    this.#begin.run();
    this.#writer.begin();
  }

  commit(): void {
    this.#writer.end();
    this.#commit.run();
  }

  /** SQLite has ended the transaction by itself after some errors, such as a full disk. */
  rollback(): void {
    this.#writer.forget();
    if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
  }
}
