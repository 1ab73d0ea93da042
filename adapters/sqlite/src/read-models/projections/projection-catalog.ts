import type { Position } from "@reactive-domain/core";
import {
  ProjectionNotFound,
  type EntryCounts,
  type EntryState,
  type Fence,
  type GenerationRef,
  type ProjectionRecord,
} from "@reactive-domain/persistence";
import { NO_ENTRIES } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { generationOf, recordOf, type Generation, type GenerationRow } from "./generation.ts";

/** What is kept of a projection itself. */
export interface Projection {
  readonly name: string;
  readonly revision: number;
  readonly pausedUntilMs: number | null;
}

const GENERATION = `SELECT projection, generation, status, version, making AS makingText, tables, handled, made_at_ms AS madeAtMs, worker, lease_until_ms AS leaseUntilMs, fence
  FROM projection_generations WHERE projection = ?`;
/** Those of a projection, as rows. */
export const GENERATIONS = `${GENERATION} ORDER BY generation`;

/** What is known of projections, as reads of one moment or within a transaction. */
export class ProjectionCatalog {
  readonly #where: string;
  readonly #names: Statement<[], string>;
  readonly #projection: Statement<[string], Projection>;
  readonly #generations: Statement<[string], GenerationRow>;
  readonly #generation: Statement<[string, number], GenerationRow>;
  readonly #lanes: Statement<[string, number], Position | null>;
  readonly #counts: Statement<[string, number], { readonly state: EntryState; readonly count: number }>;

  /** @param where What errors call the file. */
  constructor(database: Database, where: string) {
    this.#where = where;
    this.#names = database.prepare<[], string>("SELECT name FROM projections ORDER BY name").pluck();
    this.#projection = database.prepare("SELECT name, revision, paused_until_ms AS pausedUntilMs FROM projections WHERE name = ?");
    this.#generations = database.prepare(GENERATIONS);
    this.#generation = database.prepare(`${GENERATION} AND generation = ?`);
    this.#lanes = database
      .prepare<[string, number], Position | null>(
        "SELECT position FROM projection_lanes WHERE projection = ? AND generation = ? ORDER BY lane",
      )
      .pluck();
    this.#counts = database.prepare(
      "SELECT state, count(*) AS count FROM projection_entries WHERE projection = ? AND generation = ? GROUP BY state",
    );
  }

  list(): readonly ProjectionRecord[] {
    return this.#names.all().map((name) => this.record(name));
  }

  find(name: string): ProjectionRecord | undefined {
    return this.#projection.get(name) && this.record(name);
  }

  /** Errors: `projection-not-found`. */
  record(name: string): ProjectionRecord {
    const { revision, pausedUntilMs } = this.projection(name);
    const generations = this.generations(name).map((generation) =>
      recordOf(generation, { lanes: this.lanes(generation), entries: this.#entriesOf(generation) }),
    );
    return { name, revision, pausedUntil: pausedUntilMs === null ? null : new Date(pausedUntilMs), generations };
  }

  /** Errors: `projection-not-found`. */
  projection(name: string): Projection {
    const projection = this.#projection.get(name);
    if (projection === undefined) throw new ProjectionNotFound(name, this.#where);
    return projection;
  }

  isKnown(name: string): boolean {
    return this.#projection.get(name) !== undefined;
  }

  generations(name: string): readonly Generation[] {
    return this.#generations.all(name).map(generationOf);
  }

  /** Errors: `projection-not-found`. */
  generation({ projection, generation: number }: GenerationRef): Generation {
    const row = this.#generation.get(projection, number);
    if (row !== undefined) return generationOf(row);
    throw new ProjectionNotFound(projection, this.#where, this.isKnown(projection) ? number : undefined);
  }

  /** The generation while it is under this token. */
  held({ projection, generation: number, fence }: GenerationRef & { readonly fence: Fence }): Generation | undefined {
    const row = this.#generation.get(projection, number);
    return row?.fence === fence ? generationOf(row) : undefined;
  }

  /** Errors: `projection-not-found`. */
  live(name: string): Generation {
    const live = this.generations(name).find(({ status }) => status === "live");
    if (live === undefined) throw new ProjectionNotFound(name, this.#where);
    return live;
  }

  lanes({ projection, generation }: GenerationRef): readonly (Position | null)[] {
    return this.#lanes.all(projection, generation);
  }

  #entriesOf({ projection, generation }: GenerationRef): EntryCounts {
    const counts = this.#counts.all(projection, generation);
    return { ...NO_ENTRIES, ...Object.fromEntries(counts.map(({ state, count }) => [state, count])) };
  }
}
