import type { ProjectionMaking, ProjectionRecord } from "@reactive-domain/persistence";
import { makingText, refuseOtherMaking } from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { hasTable, tableNameOf } from "../make-table.ts";
import { quoted } from "../sqlite-dialect.ts";
import type { Generation } from "./generation.ts";
import { dropTables, makeDocuments, makeTables, tablesOf } from "./generation-tables.ts";
import type { Thrown } from "./guarded-work.ts";
import type { ProjectionParts } from "./projection-parts.ts";

type Making = ProjectionMaking<Database>;

/** Makes projections and their generations, and removes them. Each needs a transaction. */
export class GenerationMaker {
  readonly #parts: ProjectionParts;

  constructor(parts: ProjectionParts) {
    this.#parts = parts;
  }

  define(making: Making): ProjectionRecord | Thrown {
    const { catalog, database } = this.#parts;
    if (catalog.isKnown(making.name)) {
      this.#refuseOther(making);
      return catalog.record(making.name);
    }
    const thrown = this.#make(making, { projection: making.name, generation: 1, status: "live" });
    if (thrown !== undefined) return thrown;
    database.prepare("INSERT INTO projections (name, revision, last_generation) VALUES (?, 1, 1)").run(making.name);
    return catalog.record(making.name);
  }

  build(making: Making): ProjectionRecord | Thrown {
    const { catalog, database } = this.#parts;
    const { name } = making;
    catalog.projection(name);
    this.#refuseOther(making);
    if (catalog.generations(name).some(({ status }) => status === "building")) return catalog.record(name);
    const last = database.prepare<[string], number>("SELECT last_generation FROM projections WHERE name = ?").pluck().get(name) ?? 0;
    const thrown = this.#make(making, { projection: name, generation: last + 1, status: "building" });
    if (thrown !== undefined) return thrown;
    database.prepare("UPDATE projections SET last_generation = ? WHERE name = ?").run(last + 1, name);
    return catalog.record(name);
  }

  remove(name: string): boolean {
    const { catalog, database } = this.#parts;
    if (!catalog.isKnown(name)) return false;
    for (const generation of catalog.generations(name)) {
      dropTables(database, generation, []);
      this.#dropRest(generation);
    }
    for (const table of ["projection_generations", "projection_lanes", "projection_entries"])
      database.prepare(`DELETE FROM ${table} WHERE projection = ?`).run(name);
    database.prepare("DELETE FROM projections WHERE name = ?").run(name);
    return true;
  }

  /** What a repository made beside it goes with it. */
  #dropRest({ making }: Generation): void {
    if (making.kind === "tables") return;
    const { database } = this.#parts;
    const table = tableNameOf(making);
    if (hasTable(database, table)) database.exec(`DROP TABLE ${quoted(table)}`);
    database.prepare("DELETE FROM read_models WHERE name = ? AND schema_version = ?").run(making.name, making.schemaVersion);
  }

  #refuseOther(making: Making): void {
    const kept = this.#parts.catalog.generations(making.name).map(({ version, makingText: text }) => ({ version, making: text }));
    refuseOtherMaking(making, kept, this.#parts.where);
  }

  #make({ shape, version }: Making, wanted: Pick<Generation, "projection" | "generation" | "status">): Thrown | undefined {
    const { database, where, work, nowMs } = this.#parts;
    if (shape.kind === "documents") makeDocuments({ database, where }, shape, wanted);
    else {
      const thrown = makeTables({ database, where }, work, { shape, wanted });
      if (thrown !== undefined) return thrown;
    }
    const { projection, generation, status } = wanted;
    database
      .prepare(
        "INSERT INTO projection_generations (projection, generation, status, version, making, tables, made_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(projection, generation, status, version, makingText(shape), JSON.stringify(tablesOf(shape, wanted)), nowMs);
    database.prepare("INSERT INTO projection_lanes (projection, generation, lane) VALUES (?, ?, 0)").run(projection, generation);
    return undefined;
  }
}
