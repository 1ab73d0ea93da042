import type { Database, Statement } from "better-sqlite3";
import { idOfBytes } from "./event-id.ts";

/**
 * Tells of most event ids, without a look at their index, that they are not in the log. Time-ordered ids grow: one behind all that are committed can only
 * have come in the same transaction.
 */
export class EventIds {
  readonly #selectHighest: Statement<[], Uint8Array>;
  readonly #added = new Set<string>();
  #highest = "";

  constructor(database: Database) {
    this.#selectHighest = database.prepare<[], Uint8Array>("SELECT id FROM events ORDER BY id DESC LIMIT 1").pluck();
  }

  /** To be called when others may have added some. */
  learn(): void {
    this.#added.clear();
    const highest = this.#selectHighest.get();
    this.#highest = highest === undefined ? "" : idOfBytes(highest);
  }

  /** `false` only where it is certain. */
  mayHave(id: string): boolean {
    return id <= this.#highest || this.#added.has(id);
  }

  add(id: string): void {
    if (id > this.#highest) this.#added.add(id);
  }

  /** To be called last in a transaction. */
  end(): void {
    for (const id of this.#added) if (id > this.#highest) this.#highest = id;
    this.#added.clear();
  }
}
