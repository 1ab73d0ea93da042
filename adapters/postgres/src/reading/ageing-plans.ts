import type { Database, Statement } from "../database.ts";

/** How much a log grows before its plans are made anew, as a power of 2. */
const GROWTH = 2;

/** Statements whose plans are kept, and made anew as the log grows: planning takes as long as reading, and what was right for a small table is not for a large one. */
export class AgeingPlans {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();
  #age = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  of(text: string): Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#database.kept(text, `_${this.#age}`);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  /** The position of the last event, or -1. */
  grow(head: number): void {
    const age = Math.floor(Math.log2(head + 2) / GROWTH);
    if (age <= this.#age) return;
    this.#age = age;
    this.#statements.clear();
  }
}
