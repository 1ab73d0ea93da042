import type { Position } from "@reactive-domain/core";
import type { CheckpointItem } from "@reactive-domain/persistence";
import type { Database, Statement } from "better-sqlite3";

/** How far those who follow the log have come, by name. */
export class Checkpoints {
  readonly #select: Statement<[name: string], Position>;
  readonly #put: Statement<[name: string, position: Position]>;
  readonly #delete: Statement<[name: string]>;

  constructor(database: Database) {
    this.#select = database.prepare<[string], Position>("SELECT position FROM checkpoints WHERE name = ?").pluck();
    this.#put = database.prepare(
      "INSERT INTO checkpoints (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position",
    );
    this.#delete = database.prepare("DELETE FROM checkpoints WHERE name = ?");
  }

  get(name: string): Position | null {
    return this.#select.get(name) ?? null;
  }

  move({ name, position }: CheckpointItem): void {
    if (position === null) this.#delete.run(name);
    else this.#put.run(name, position);
  }
}
