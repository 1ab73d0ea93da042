import { ForeignStore, ProjectionNotFound, type TableNamer } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run, type Database, type Statement } from "../../database.ts";
import { quoted } from "../../schema/names.ts";
import { catalogName, TableNames, type ReadModelPlace } from "../table-names.ts";
import { isMissing } from "./is-missing.ts";
import { KeptProjections, type KeptGeneration, type KeptProjection } from "./kept-projection.ts";
import { tableNamer } from "./own-work.ts";
import { projectionNames, type ProjectionNames } from "./projection-names.ts";
import { changesSql, type ChangedPlace, type Changes } from "./row-changes.ts";
import { StatementValues } from "./statement-values.ts";

const MAX_STATEMENTS = 200;

/** Where projections are kept, and what is called how there. */
export class ProjectionPlace {
  readonly database: Database;
  readonly place: ReadModelPlace;
  readonly names: ProjectionNames;
  readonly kept: KeptProjections;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database, place: ReadModelPlace) {
    this.database = database;
    this.place = place;
    this.names = projectionNames(place);
    this.kept = new KeptProjections(database, this.names);
  }

  /** A statement whose plan is kept, by its text: there are a few for each table. */
  statement(text: string): Statement {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.database.kept(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** What errors call it. */
  get where(): string {
    return this.database.name;
  }

  /** The list of read models. */
  get catalog(): string {
    return catalogName(this.place);
  }

  /** Nothing is kept where no projection ever was. Not within a transaction. Errors: PostgreSQL's own. */
  async find(client: PoolClient, name: string): Promise<KeptProjection | undefined> {
    try {
      return await this.kept.find(client, name);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Errors: `projection-not-found`, PostgreSQL's own. */
  async get(client: PoolClient, name: string): Promise<KeptProjection> {
    const projection = await this.kept.find(client, name);
    if (projection === undefined) throw new ProjectionNotFound(name, this.where);
    return projection;
  }

  /** Within a transaction: keeps others from changing it. Commits go on. Errors: `projection-not-found`, PostgreSQL's own. */
  async lock(client: PoolClient, name: string): Promise<void> {
    const rows = await run(client, `SELECT 1 FROM ${this.names.projections} WHERE name = $1 FOR UPDATE`, [name]);
    if (rows.length === 0) throw new ProjectionNotFound(name, this.where);
  }

  /** Within a transaction: keeps workers from committing, when those who are at it have. */
  async lockLanes(client: PoolClient, name: string): Promise<void> {
    await run(client, `SELECT 1 FROM ${this.names.lanes} WHERE projection = $1 ORDER BY generation, lane FOR UPDATE`, [name]);
  }

  /** Raises the revision, which the rows of lanes are told, too. */
  async raise(client: PoolClient, name: string): Promise<void> {
    const { projections, generations, lanes } = this.names;
    await run(
      client,
      `WITH p AS (UPDATE ${projections} SET revision = revision + 1 WHERE name = $1 RETURNING revision, paused_until)
       UPDATE ${lanes} l SET revision = p.revision, paused_until = CASE WHEN g.status = 'live' THEN p.paused_until END
       FROM p, ${generations} g WHERE l.projection = $1 AND g.projection = l.projection AND g.generation = l.generation`,
      [name],
    );
  }

  /** Those tables that nobody has dropped, as SQL names them. */
  async onlyThere(client: PoolClient, tables: readonly string[]): Promise<readonly string[]> {
    const rows = await run(client, "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL", [
      tables.map((table) => this.whole(table)),
    ]);
    return rows.map(([name]) => name ?? "");
  }

  /** Errors: `foreign-store` where there are items that no projection made. */
  async refuseItems(client: PoolClient, model: string, table: string): Promise<void> {
    const rows = await run(client, `SELECT 1 FROM ${table} LIMIT 1`);
    if (rows.length > 0)
      throw new ForeignStore(this.where, `has items of ${model} that no projection made`, "Discard them, or choose another name.");
  }

  /** A table as SQL names it. */
  whole(table: string): string {
    return `${quoted(this.place.schema)}.${quoted(table)}`;
  }

  /** What the tables of a generation are called. */
  namer({ record: { generation, status }, own }: KeptGeneration): TableNamer {
    return tableNamer(this.place, own, status === "live" ? undefined : generation);
  }

  /** Where changes of a generation are made. */
  changed({ projection, record, documents: kept, tables }: KeptGeneration): ChangedPlace {
    const documents = kept && { kept, table: this.whole(tables[0] ?? ""), versions: new TableNames(this.place, kept).versions };
    return { projection, generation: record.generation, entries: this.names.entries, documents };
  }

  /** Makes changes within a transaction. */
  async change(client: PoolClient, changes: Changes, place: ChangedPlace): Promise<void> {
    const values = new StatementValues();
    const parts = changesSql(changes, place, { values, guard: undefined });
    if (parts.length > 0) await run(client, this.statement(`WITH ${parts.join(", ")} SELECT 1`), values.values);
  }
}
