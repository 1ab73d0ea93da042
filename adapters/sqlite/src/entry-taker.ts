import type { GroupEntryRecord, GroupRecord } from "@reactive-domain/persistence";
import type { CompleteGroupDefinition } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { entryStateRow } from "./entry-state-record.ts";
import type { StoredGroup } from "./group-entry.ts";
import { GroupLooks } from "./group-looks.ts";
import { GroupRows } from "./group-rows.ts";
import { keyOf, SOURCE_COLUMNS, type SourceRow } from "./group-source.ts";

/** Takes over consumer groups of another store, with what they have under way; inside a transaction that its caller holds. */
export class EntryTaker {
  readonly #rows: GroupRows;
  readonly #looks: GroupLooks;
  readonly #event: Statement<[position: number], SourceRow>;
  readonly #insert: Statement;
  readonly #clear: readonly Statement<[]>[];
  readonly #putFence: Statement<[lastFence: number]>;

  constructor(database: Database) {
    this.#rows = new GroupRows(database);
    this.#looks = new GroupLooks(database);
    this.#event = database.prepare<[number], SourceRow>(`SELECT ${SOURCE_COLUMNS} FROM events WHERE position = ?`).raw();
    this.#insert = database.prepare(
      "INSERT INTO group_entries (group_id, position, key, in_line, state, at, due, attempts, is_suspect, is_alone, consumer, fence, error, parked_at) " +
        "VALUES (@group, @position, @key, @inLine, @state, @at, @due, @attempts, @isSuspect, @isAlone, @consumer, @fence, @error, @parkedAt)",
    );
    this.#clear = ["group_entries", "consumer_groups"].map((table) => database.prepare(`DELETE FROM ${table}`));
    this.#putFence = database.prepare("UPDATE log SET last_fence = ?");
  }

  hasEventOf({ position }: GroupEntryRecord): boolean {
    return this.#event.get(position) !== undefined;
  }

  /** Forgets all groups; tokens go on behind `lastFence`. */
  clear(lastFence: number): void {
    for (const statement of this.#clear) statement.run();
    this.#putFence.run(lastFence);
  }

  takeGroup({ name, definition, next }: GroupRecord): void {
    this.#rows.insert(name, definition as CompleteGroupDefinition, next);
  }

  /** Entries come in the order of the log. */
  takeEntries(entries: readonly GroupEntryRecord[]): void {
    const groups = new Map<string, StoredGroup>();
    for (const entry of entries) {
      const group = groups.get(entry.group) ?? this.#rows.get(entry.group);
      groups.set(entry.group, group);
      this.#takeEntry(entry, group);
    }
  }

  #takeEntry({ position, attempts, state }: GroupEntryRecord, { id, definition }: StoredGroup): void {
    const key = keyOf(this.#event.get(position) as SourceRow, definition);
    const isFirst = key === null || this.#looks.firstInLine(id, key) === undefined;
    const inLine = key !== null && (state.kind !== "parked" || definition.behindParked === "wait") ? 1 : 0;
    this.#insert.run({ group: id, position, key, inLine, attempts, ...entryStateRow(state, isFirst) });
  }
}
