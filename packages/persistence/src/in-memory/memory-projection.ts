import { ProjectionChanged, ProjectionNotFound } from "../projections/errors.ts";
import type { ProjectionRecord } from "../projections/projection-record.ts";
import { isNotBehind } from "../projections/projection-rules.ts";
import type { ProjectionChange } from "../projections/projection-store.ts";
import type { ReadModelShape } from "../read-models/read-model-row.ts";
import { MemoryGeneration } from "./memory-generation.ts";
import { MemoryTable } from "./memory-table.ts";
import type { MemoryTables } from "./memory-tables.ts";

/** A projection in memory, with its generations. */
export class MemoryProjection {
  readonly name: string;
  revision = 1;
  pausedUntil: Date | null = null;
  generations: readonly MemoryGeneration[];
  readonly #where: string;
  #lastGeneration = 1;

  constructor(name: string, where: string, first: MemoryGeneration) {
    this.name = name;
    this.#where = where;
    this.generations = [first];
  }

  get record(): ProjectionRecord {
    const { name, revision, pausedUntil, generations } = this;
    return { name, revision, pausedUntil, generations: generations.map(({ record }) => record) };
  }

  get live(): MemoryGeneration {
    return this.generations.find(({ status }) => status === "live") as MemoryGeneration;
  }

  /** Errors: `projection-not-found`. */
  generation(number: number): MemoryGeneration {
    const generation = this.generations.find((one) => one.generation === number);
    if (generation === undefined) throw new ProjectionNotFound(this.name, this.#where, number);
    return generation;
  }

  build({ version, madeAt }: { readonly version: number; readonly madeAt: Date }, shape: ReadModelShape): void {
    const made = { generation: ++this.#lastGeneration, version, status: "building" as const, madeAt };
    this.generations = [...this.generations, new MemoryGeneration(made, shape, new MemoryTable(shape))];
  }

  /** Errors: `projection-not-found`, `projection-changed`. */
  swap({ generation: number, notBehind }: Extract<ProjectionChange, { readonly kind: "swap" }>, tables: MemoryTables): void {
    const { live } = this;
    const next = this.generation(number);
    if (next === live) throw new ProjectionChanged(this.name, `has generation ${number} as its live one already`);
    if (notBehind && !isNotBehind(next.lanes, live.lanes))
      throw new ProjectionChanged(this.name, `has a live generation that is ahead of generation ${number}`);
    const retired = this.generations.find(({ status }) => status === "retired");
    if (retired !== undefined && retired !== next) this.#forget(retired, tables);
    const place = tables.table(next.shape);
    if (place !== next.table) {
      place.exchange(next.table);
      if (live.table === place) live.table = next.table;
      next.table = place;
    }
    [live.status, next.status] = ["retired", "live"];
  }

  /** Errors: `projection-not-found`, `projection-changed`. */
  drop(number: number, tables: MemoryTables): void {
    const generation = this.generation(number);
    if (generation.status === "live") throw new ProjectionChanged(this.name, `has generation ${number} as its live one`);
    this.#forget(generation, tables);
  }

  #forget(generation: MemoryGeneration, tables: MemoryTables): void {
    tables.discardOf(generation);
    this.generations = this.generations.filter((one) => one !== generation);
  }
}
