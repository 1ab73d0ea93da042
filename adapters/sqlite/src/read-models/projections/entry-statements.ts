import type { EntryRef, GenerationRef, NewProjectionEntry, ProjectionEntry } from "@reactive-domain/persistence";
import { MAX_ERROR_LENGTH, type EntriesRequest, type ReplayEntriesRequest } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";

type EntryRow = Omit<ProjectionEntry, "since"> & { readonly sinceMs: number };

const OF_GENERATION = "projection = @projection AND generation = @generation";
const AT = "(@positions IS NULL OR position IN (SELECT value FROM json_each(@positions)))";

/** Entries of generations. Changes need a transaction. */
export class EntryStatements {
  readonly #put: Statement<[object]>;
  readonly #settle: Statement<[object]>;
  readonly #database: Database;
  readonly #finds = new Map<string, Statement<[object], EntryRow>>();
  readonly #replay: Statement<[object]>;
  readonly #clear: Statement<[object]>;

  constructor(database: Database) {
    this.#database = database;
    this.#put = database.prepare(
      `INSERT INTO projection_entries (projection, generation, position, key, state, attempts, error, size, since_ms)
       VALUES (@projection, @generation, @position, @key, @state, @attempts, @error, @size, @nowMs)
       ON CONFLICT (projection, generation, position, key) DO UPDATE SET
         since_ms = CASE state WHEN excluded.state THEN since_ms ELSE excluded.since_ms END,
         state = excluded.state, attempts = excluded.attempts, error = excluded.error, size = excluded.size`,
    );
    this.#settle = database.prepare(`DELETE FROM projection_entries WHERE ${OF_GENERATION} AND position = @position AND key = @key`);
    this.#replay = database.prepare(
      `UPDATE projection_entries SET state = 'replay', attempts = 0, since_ms = @nowMs WHERE rowid IN (
         SELECT rowid FROM projection_entries WHERE ${OF_GENERATION} AND state = 'parked' AND ${AT} AND instr(error, @error) > 0
         ORDER BY position, key LIMIT @limit)`,
    );
    this.#clear = database.prepare(`DELETE FROM projection_entries WHERE ${OF_GENERATION}`);
  }

  put(ref: GenerationRef, { position, key, state, attempts, error, size }: NewProjectionEntry, nowMs: number): void {
    this.#put.run({ ...refOf(ref), position, key, state, attempts, error: error.slice(0, MAX_ERROR_LENGTH), size, nowMs });
  }

  settle(ref: GenerationRef, { position, key }: EntryRef): void {
    this.#settle.run({ ...refOf(ref), position, key });
  }

  find(ref: GenerationRef, { states, key, after, limit }: EntriesRequest): readonly ProjectionEntry[] {
    const conditions = [
      OF_GENERATION,
      "position > @after",
      ...(key === undefined ? [] : ["key = @key"]),
      ...(states === undefined ? [] : ["state IN (SELECT value FROM json_each(@states))"]),
    ];
    const asked = { states: JSON.stringify(states ?? []), key: key ?? "", after: after ?? -1, limit };
    const rows = this.#finding(conditions.join(" AND ")).all({ ...refOf(ref), ...asked });
    return rows.map(({ sinceMs, ...entry }) => Object.assign(entry, { since: new Date(sinceMs) }));
  }

  /** Tells how many are to be tried again. */
  replay(ref: GenerationRef, { positions, error = "", limit = -1 }: ReplayEntriesRequest, nowMs: number): number {
    const asked = { positions: positions === undefined ? null : JSON.stringify(positions), error, limit, nowMs };
    return this.#replay.run({ ...refOf(ref), ...asked }).changes;
  }

  clear(ref: GenerationRef): void {
    this.#clear.run(refOf(ref));
  }

  #finding(condition: string): Statement<[object], EntryRow> {
    const known = this.#finds.get(condition);
    if (known !== undefined) return known;
    const made = this.#database.prepare<[object], EntryRow>(
      `SELECT position, key, state, attempts, error, size, since_ms AS sinceMs FROM projection_entries WHERE ${condition} ORDER BY position, key LIMIT @limit`,
    );
    this.#finds.set(condition, made);
    return made;
  }
}

function refOf({ projection, generation }: GenerationRef): GenerationRef {
  return { projection, generation };
}
