import { EntryState } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import type { EntryInLine, GroupEntry } from "./group-entry.ts";
import { LIMIT } from "./limit.ts";

export interface HeldEntry extends GroupEntry {
  readonly state: EntryState;
  readonly fence: number | null;
}

/** A claim whose lease has ended. */
export interface EndedEntry extends GroupEntry {
  readonly consumer: string;
  readonly isAlone: 0 | 1;
}

/** What a consumer holds. */
export interface Holdings {
  /** How many: 2 where there are more. */
  readonly count: number;
  /** How many of them were suspects: one that is held is the only one that its consumer holds. */
  readonly trials: number;
}

export interface ParkedEntry extends GroupEntry {
  readonly error: string;
  readonly parkedAt: number;
}

const { delayed, claimed, parked } = EntryState;
const ENTRY = "position, key, attempts";

/** Looks at the rows of entries, each one statement. Left to itself, SQLite would look through all of a group rather than take the index where that has the order. */
export class GroupLooks {
  readonly #get: Statement<[group: number, position: number], HeldEntry>;
  readonly #firstInLine: Statement<[group: number, key: string, behind: number], EntryInLine>;
  readonly #inState: Statement<[group: number, state: number, limit: number], GroupEntry>;
  readonly #ended: Statement<[group: number, nowMs: number, limit: number], EndedEntry>;
  readonly #parked: Statement<[group: number, after: number, limit: number], ParkedEntry>;
  readonly #first: Statement<[group: number], number | null>;
  readonly #countUnsettled: Statement<[group: number], number>;
  readonly #heldBy: Statement<[group: number, consumer: string], Holdings>;
  readonly #nextTime: Statement<[group: number, sameGroup: number], number | null>;

  constructor(database: Database) {
    this.#get = database.prepare(`SELECT ${ENTRY}, state, fence FROM group_entries WHERE group_id = ? AND position = ?`);
    this.#firstInLine = database.prepare(
      `SELECT ${ENTRY}, state, due, is_suspect AS isSuspect FROM group_entries INDEXED BY group_entries_in_line ` +
        "WHERE group_id = ? AND key = ? AND in_line = 1 AND position > ? ORDER BY position LIMIT 1",
    );
    this.#inState = database.prepare(
      `SELECT ${ENTRY} FROM group_entries INDEXED BY group_entries_by_state WHERE group_id = ? AND state = ? AND at = 0 ORDER BY position ${LIMIT}`,
    );
    this.#ended = database.prepare(
      `SELECT ${ENTRY}, consumer, is_alone AS isAlone FROM group_entries WHERE group_id = ? AND state = ${claimed} AND at <= ? ORDER BY at, position ${LIMIT}`,
    );
    this.#parked = database.prepare(
      `SELECT ${ENTRY}, error, parked_at AS parkedAt FROM group_entries ` +
        `WHERE group_id = ? AND state = ${parked} AND at = 0 AND position > ? ORDER BY position ${LIMIT}`,
    );
    this.#first = database.prepare<[number], number | null>("SELECT min(position) FROM group_entries WHERE group_id = ?").pluck();
    this.#countUnsettled = database
      .prepare<[number], number>(`SELECT count(*) FROM group_entries WHERE group_id = ? AND state < ${parked}`)
      .pluck();
    this.#heldBy = database.prepare(
      "SELECT count(*) AS count, total(is_suspect) AS trials FROM (SELECT is_suspect FROM group_entries INDEXED BY group_entries_by_consumer " +
        "WHERE group_id = ? AND consumer = ? LIMIT 2)",
    );
    this.#nextTime = database
      .prepare<[number, number], number | null>(
        `SELECT min(at) FROM (SELECT min(at) AS at FROM group_entries WHERE group_id = ? AND state = ${delayed} ` +
          `UNION ALL SELECT min(at) FROM group_entries WHERE group_id = ? AND state = ${claimed})`,
      )
      .pluck();
  }

  get(group: number, position: number): HeldEntry | undefined {
    return this.#get.get(group, position);
  }

  /** The first in the line of a key, or the first of those behind a position. */
  firstInLine(group: number, key: string, after = -1): EntryInLine | undefined {
    return this.#firstInLine.get(group, key, after);
  }

  /** In the order of the log, without those that wait for a time. */
  inState(group: number, state: EntryState, limit: number): GroupEntry[] {
    return this.#inState.all(group, state, limit);
  }

  ended(group: number, nowMs: number, limit: number): readonly EndedEntry[] {
    return this.#ended.all(group, nowMs, limit);
  }

  parked(group: number, after: number, limit: number): readonly ParkedEntry[] {
    return this.#parked.all(group, after, limit);
  }

  /** The position of the first entry, whatever becomes of it. */
  first(group: number): number | undefined {
    return this.#first.get(group) ?? undefined;
  }

  /** How many wait or are with a consumer. */
  countUnsettled(group: number): number {
    return this.#countUnsettled.get(group) ?? 0;
  }

  heldBy(group: number, consumer: string): Holdings {
    return this.#heldBy.get(group, consumer) ?? { count: 0, trials: 0 };
  }

  /** When the next one becomes due or the next lease ends. */
  nextTime(group: number): number | null {
    return this.#nextTime.get(group, group) ?? null;
  }
}
