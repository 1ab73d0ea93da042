import { ProjectionChanged, type GenerationStatus, type ProjectionChange, type ProjectionRecord } from "@reactive-domain/persistence";
import { isNotBehind, onePlace, type ReplayEntriesRequest } from "@reactive-domain/persistence/adapter";
import { quoted } from "../sqlite-dialect.ts";
import type { Generation, GenerationTable } from "./generation.ts";
import { dropTables } from "./generation-tables.ts";
import type { ProjectionParts } from "./projection-parts.ts";
import { swapTables } from "./swap-tables.ts";

type Swap = Extract<ProjectionChange, { readonly kind: "swap" }>;
type Lanes = Extract<ProjectionChange, { readonly kind: "lanes" }>;

/** What is done to projections from outside of their workers. Each needs a transaction. */
export class ProjectionChanges {
  readonly #parts: ProjectionParts;

  constructor(parts: ProjectionParts) {
    this.#parts = parts;
  }

  replay(name: string, request: ReplayEntriesRequest): number {
    const { catalog, entries, nowMs } = this.#parts;
    const count = entries.replay(catalog.live(name), request, nowMs);
    if (count > 0) this.#raise(name);
    return count;
  }

  /** Errors: `projection-not-found`, `projection-changed`. */
  change(name: string, change: ProjectionChange): ProjectionRecord {
    const { catalog } = this.#parts;
    catalog.projection(name);
    if (change.kind === "pause") this.#pause(name, change.until);
    else if (change.kind === "reset") this.#reset(catalog.live(name));
    else if (change.kind === "swap") this.#swap(name, change);
    else if (change.kind === "drop") this.#drop(name, change.generation);
    else this.#relane(name, change);
    this.#raise(name);
    return catalog.record(name);
  }

  #raise(name: string): void {
    this.#run("UPDATE projections SET revision = revision + 1 WHERE name = ?", name);
  }

  #pause(name: string, until: Date | null): void {
    this.#run("UPDATE projections SET paused_until_ms = ? WHERE name = ?", until?.getTime() ?? null, name);
  }

  #reset(live: Generation): void {
    const { projection, generation, tables } = live;
    for (const { table } of tables) this.#parts.database.exec(`DELETE FROM ${quoted(table)}`);
    this.#parts.entries.clear(live);
    this.#run("UPDATE projection_lanes SET position = NULL WHERE projection = ? AND generation = ?", projection, generation);
    this.#run("UPDATE projection_generations SET handled = 0 WHERE projection = ? AND generation = ?", projection, generation);
  }

  #swap(name: string, { generation: number, notBehind }: Swap): void {
    const { catalog, database, where } = this.#parts;
    const [live, next] = [catalog.live(name), catalog.generation({ projection: name, generation: number })];
    if (next.status === "live") throw new ProjectionChanged(name, `has generation ${number} as its live one already`);
    if (notBehind && !isNotBehind(catalog.lanes(next), catalog.lanes(live)))
      throw new ProjectionChanged(name, `has a live generation that is ahead of generation ${number}`);
    const retired = catalog.generations(name).find(({ status }) => status === "retired");
    if (retired !== undefined && retired.generation !== number) this.#forget(retired);
    const tables = swapTables(database, where, { live, next });
    this.#put(live, "retired", tables.live);
    this.#put(next, "live", tables.next);
  }

  #put({ projection, generation }: Generation, status: GenerationStatus, tables: readonly GenerationTable[]): void {
    const sql = "UPDATE projection_generations SET status = ?, tables = ? WHERE projection = ? AND generation = ?";
    this.#run(sql, status, JSON.stringify(tables), projection, generation);
  }

  #drop(name: string, number: number): void {
    const generation = this.#parts.catalog.generation({ projection: name, generation: number });
    if (generation.status === "live") throw new ProjectionChanged(name, `has generation ${number} as its live one`);
    this.#forget(generation);
  }

  #forget(generation: Generation): void {
    const { catalog, database } = this.#parts;
    const { projection, generation: number } = generation;
    dropTables(
      database,
      generation,
      catalog.generations(projection).filter((other) => other.generation !== number),
    );
    for (const table of ["projection_generations", "projection_lanes", "projection_entries"])
      this.#run(`DELETE FROM ${table} WHERE projection = ? AND generation = ?`, projection, number);
  }

  #relane(name: string, { generation: number, lanes }: Lanes): void {
    const { catalog } = this.#parts;
    const place = onePlace(name, catalog.lanes(catalog.generation({ projection: name, generation: number })));
    this.#run("DELETE FROM projection_lanes WHERE projection = ? AND generation = ?", name, number);
    for (let lane = 0; lane < lanes; lane++)
      this.#run("INSERT INTO projection_lanes (projection, generation, lane, position) VALUES (?, ?, ?, ?)", name, number, lane, place);
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): void {
    this.#parts.database.prepare(sql).run(...values);
  }
}
