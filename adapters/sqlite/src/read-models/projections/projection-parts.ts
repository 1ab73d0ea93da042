import { InvalidArgument, type Runtime } from "@reactive-domain/core";
import type { Database } from "better-sqlite3";
import { DocumentTable } from "./document-table.ts";
import { EntryStatements } from "./entry-statements.ts";
import type { Generation } from "./generation.ts";
import { GuardedWork } from "./guarded-work.ts";
import { ProjectionCatalog } from "./projection-catalog.ts";

/** Statements for tables that are no more are forgotten with the others, once there are so many. */
const MAX_KEPT_TABLES = 100;

/** What all that is done to projections is made of. */
export class ProjectionParts {
  readonly database: Database;
  /** What errors call the file. */
  readonly where: string;
  readonly catalog: ProjectionCatalog;
  readonly entries: EntryStatements;
  readonly work: GuardedWork;
  readonly #runtime: Runtime;
  readonly #documents = new Map<string, DocumentTable>();

  constructor(database: Database, where: string, runtime: Runtime) {
    this.database = database;
    this.where = where;
    this.#runtime = runtime;
    this.catalog = new ProjectionCatalog(database, where);
    this.entries = new EntryStatements(database);
    this.work = new GuardedWork(database);
  }

  get nowMs(): number {
    return this.#runtime.clock.now();
  }

  /** Errors: `invalid-argument` for a projection of tables. */
  documentsOf({ projection, making, makingText, tables }: Generation): DocumentTable {
    const [only] = tables;
    if (making.kind === "tables" || only === undefined)
      throw new InvalidArgument("documents", `of a projection of documents; ${projection} makes tables by SQL of its own`, projection);
    const name = `${only.table} ${makingText}`;
    const known = this.#documents.get(name);
    if (known !== undefined) return known;
    if (this.#documents.size >= MAX_KEPT_TABLES) this.#documents.clear();
    const made = new DocumentTable(this.database, making, only.table);
    this.#documents.set(name, made);
    return made;
  }
}
