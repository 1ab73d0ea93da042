import { GroupNotFound } from "@reactive-domain/persistence";
import type { CompleteGroupDefinition } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import type { StoredGroup } from "./group-entry.ts";

interface GroupRow {
  readonly id: number;
  readonly name: string;
  readonly definition: string;
  readonly next: number;
}

/** The groups of a store, by name. */
export class GroupRows {
  readonly #find: Statement<[name: string], GroupRow>;
  readonly #all: Statement<[], GroupRow>;
  readonly #insert: Statement<[name: string, definition: string, next: number]>;
  readonly #move: Statement<[next: number, id: number]>;
  readonly #delete: Statement<[id: number]>;
  readonly #deleteEntries: Statement<[id: number]>;
  readonly #nextFence: Statement<[], number>;

  constructor(database: Database) {
    this.#find = database.prepare("SELECT id, name, definition, next FROM consumer_groups WHERE name = ?");
    this.#all = database.prepare("SELECT id, name, definition, next FROM consumer_groups");
    this.#insert = database.prepare("INSERT INTO consumer_groups (name, definition, next) VALUES (?, ?, ?)");
    this.#move = database.prepare("UPDATE consumer_groups SET next = ? WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM consumer_groups WHERE id = ?");
    this.#deleteEntries = database.prepare("DELETE FROM group_entries WHERE group_id = ?");
    this.#nextFence = database.prepare<[], number>("UPDATE log SET last_fence = last_fence + 1 RETURNING last_fence").pluck();
  }

  find(name: string): StoredGroup | undefined {
    const row = this.#find.get(name);
    return row && storedGroup(row);
  }

  /** Errors: `group-not-found`. */
  get(name: string): StoredGroup {
    const group = this.find(name);
    if (group === undefined) throw new GroupNotFound(name);
    return group;
  }

  /** By name. */
  all(): readonly StoredGroup[] {
    return this.#all
      .all()
      .map(storedGroup)
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  insert(name: string, definition: CompleteGroupDefinition, next: number): void {
    this.#insert.run(name, JSON.stringify(definition), next);
  }

  /** Says which position of the log is the first that was not looked at. */
  move({ id }: StoredGroup, next: number): void {
    this.#move.run(next, id);
  }

  /** Forgets a group with its entries. */
  delete({ id }: StoredGroup): void {
    this.#deleteEntries.run(id);
    this.#delete.run(id);
  }

  /** A token that no claim had before, of any group. */
  nextFence(): number {
    return this.#nextFence.get() as number;
  }
}

function storedGroup({ definition, ...row }: GroupRow): StoredGroup {
  return { ...row, definition: JSON.parse(definition) as CompleteGroupDefinition };
}
