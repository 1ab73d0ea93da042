import { position, type Position } from "@reactive-domain/core";
import type { GroupStatus, ParkedDelivery, RecordedEvent } from "@reactive-domain/persistence";
import { EntryState, type ParkedRequest } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import type { GroupEntries } from "./group-entries.ts";
import type { StoredGroup } from "./group-entry.ts";
import type { GroupRows } from "./group-rows.ts";
import { LOG_HEAD } from "./log-head.ts";
import { EVENT_COLUMNS, RecordedRow, type EventRow } from "./recorded-row.ts";
import { StreamNames } from "./stream-names.ts";

export interface GroupViewsOptions {
  readonly database: Database;
  /** What errors call the store. */
  readonly file: string;
  readonly rows: GroupRows;
  readonly entries: GroupEntries;
}

/** What is told of groups, inside a transaction that its caller holds; nothing is changed. */
export class GroupViews {
  readonly #rows: GroupRows;
  readonly #entries: GroupEntries;
  readonly #names: StreamNames;
  readonly #event: Statement<[position: number], EventRow>;
  readonly #head: Statement<[], Position | null>;
  readonly #counts: Statement<[group: number], [state: number, count: number]>;
  readonly #firstUnsettled: Statement<[group: number], number | null>;

  constructor({ database, file, rows, entries }: GroupViewsOptions) {
    this.#rows = rows;
    this.#entries = entries;
    this.#names = new StreamNames(database, file);
    this.#event = database.prepare<[number], EventRow>(`SELECT ${EVENT_COLUMNS} FROM events WHERE position = ?`).raw();
    this.#head = database.prepare<[], Position | null>(`SELECT ${LOG_HEAD}`).pluck();
    this.#counts = database
      .prepare<[number], [number, number]>("SELECT state, count(*) FROM group_entries WHERE group_id = ? GROUP BY state")
      .raw();
    this.#firstUnsettled = database
      .prepare<[number], number | null>(`SELECT min(position) FROM group_entries WHERE group_id = ? AND state < ${EntryState.parked}`)
      .pluck();
  }

  list(): readonly GroupStatus[] {
    return this.#rows.all().map((group) => this.#statusOf(group));
  }

  /** Errors: `group-not-found`. */
  status(name: string): GroupStatus {
    return this.#statusOf(this.#rows.get(name));
  }

  /** Errors: `group-not-found`. */
  parked(name: string, { after, limit }: ParkedRequest): readonly ParkedDelivery[] {
    const parked = this.#entries.parked(this.#rows.get(name).id, after ?? -1, limit);
    return parked.map(({ position: place, error, attempts, parkedAt }) => ({
      event: this.event(place),
      error,
      attempts,
      parkedAt: new Date(parkedAt),
    }));
  }

  /** The event of an entry. Entries go when their events do. */
  event(place: Position): RecordedEvent {
    const row = this.#event.get(place) as EventRow;
    return new RecordedRow(row, this.#names.of(row[1]));
  }

  #statusOf({ id, name, definition, next }: StoredGroup): GroupStatus {
    const counts = new Map<number, number>(this.#counts.all(id));
    const countOf = (...states: readonly EntryState[]): number => states.reduce<number>((sum, state) => sum + (counts.get(state) ?? 0), 0);
    const first = this.#firstUnsettled.get(id) ?? next;
    return {
      name,
      definition,
      settledUpTo: first === 0 ? null : position(first - 1),
      head: this.#head.get() ?? null,
      waiting: countOf(EntryState.ready, EntryState.suspect, EntryState.delayed, EntryState.behind),
      claimed: countOf(EntryState.claimed),
      parked: countOf(EntryState.parked),
    };
  }
}
