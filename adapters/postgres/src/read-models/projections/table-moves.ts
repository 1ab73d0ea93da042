import type { PoolClient } from "pg";
import { run } from "../../database.ts";
import { quoted } from "../../schema/names.ts";
import { generationSuffix, TableNames } from "../table-names.ts";
import { isThere } from "../make-table.ts";
import type { KeptGeneration } from "./kept-projection.ts";
import { ownName } from "./projection-names.ts";
import type { ProjectionPlace } from "./projection-place.ts";
import { viewsOver } from "./views.ts";

/** How long a name may be that gets a suffix. */
const MAX_SUFFIXED_LENGTH = 63;

/** Renames and drops the tables of generations, within a transaction that has locked them. Errors: PostgreSQL's own. */
export class TableMoves {
  readonly #place: ProjectionPlace;

  constructor(place: ProjectionPlace) {
    this.#place = place;
  }

  /** The plain name of each table of a generation. */
  #plainNames({ documents, own }: KeptGeneration): readonly string[] {
    const { place } = this.#place;
    return documents === undefined ? own.map((name) => ownName(place, name)) : [new TableNames(place, documents).bareTable];
  }

  /** Gives the plain names to a generation. The live one keeps its own where they are others. Errors: `foreign-store`, too. */
  async exchange(client: PoolClient, live: KeptGeneration, next: KeptGeneration): Promise<void> {
    const plain = this.#plainNames(next);
    const indexes = indexNames(live, next);
    const yields = live.documents === undefined || live.tables.some((table) => plain.includes(table));
    const views = yields
      ? await viewsOver(
          client,
          live.tables.map((table) => this.#place.whole(table)),
        )
      : [];
    if (yields) await this.#rename(client, live, { suffix: true, indexes });
    if (next.tables.some((table) => !plain.includes(table))) {
      await this.#dropEmpty(client, next, plain);
      await this.#rename(client, next, { suffix: false, indexes });
    }
    for (const sql of views) await client.query(sql);
  }

  /** Drops the tables of a generation, and what belongs to their names where no other generation has it. */
  async drop(client: PoolClient, generation: KeptGeneration, others: readonly KeptGeneration[]): Promise<void> {
    const { documents, tables } = generation;
    await client.query(`DROP TABLE IF EXISTS ${tables.map((table) => this.#place.whole(table)).join(", ")}`);
    if (documents === undefined || others.some((other) => isSameModel(other, generation))) return;
    const { table, versions } = new TableNames(this.#place.place, documents);
    // What a repository of that version has put there meanwhile is its own.
    if (await isThere(client, table)) return;
    await run(client, `DELETE FROM ${this.#place.catalog} WHERE name = $1 AND schema_version = $2`, [
      documents.name,
      documents.schemaVersion,
    ]);
    await client.query(`DROP SEQUENCE IF EXISTS ${versions}`);
  }

  /** A table that a repository has made under the name of a generation that was not live yet. */
  async #dropEmpty(client: PoolClient, { documents }: KeptGeneration, plain: readonly string[]): Promise<void> {
    if (documents === undefined) return;
    for (const table of plain.map((name) => this.#place.whole(name))) {
      if (!(await isThere(client, table))) continue;
      await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      await this.#place.refuseItems(client, documents.name, table);
      await client.query(`DROP TABLE ${table}`);
    }
  }

  async #rename(client: PoolClient, moved: KeptGeneration, { suffix, indexes }: Renaming): Promise<void> {
    const { record, documents, own, tables } = moved;
    const { place } = this.#place;
    const number = suffix ? record.generation : undefined;
    const named =
      documents === undefined ? own.map((name) => ownName(place, name, number)) : [new TableNames(place, documents, number).bareTable];
    const known =
      documents === undefined
        ? new Map<string, string>()
        : new Map(indexes.map((fields) => [this.#index(moved, fields, !suffix), this.#index(moved, fields, suffix)]));
    await this.#renameIndexes(client, tables, (name) => known.get(name) ?? indexName(name, record.generation, suffix));
    const renames = tables.map((table, nth) => `ALTER TABLE ${this.#place.whole(table)} RENAME TO ${quoted(named[nth] ?? "")}`);
    await client.query(renames.join(";\n"));
    const { generations } = this.#place.names;
    await run(client, `UPDATE ${generations} SET tables = $3 WHERE projection = $1 AND generation = $2`, [
      moved.projection,
      record.generation,
      named,
    ]);
  }

  #index({ record, documents }: KeptGeneration, fields: readonly string[], hasSuffix: boolean): string {
    if (documents === undefined) return "";
    return new TableNames(this.#place.place, documents, hasSuffix ? record.generation : undefined).index(fields).told;
  }

  /** Where a name is taken, an index keeps the one that it has. */
  async #renameIndexes(client: PoolClient, tables: readonly string[], nameOf: (name: string) => string): Promise<void> {
    const rows = await run(
      client,
      "SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ANY ($1::text[]::regclass[])",
      [tables.map((table) => this.#place.whole(table))],
    );
    for (const [name] of rows) {
      const other = nameOf(name ?? "");
      if (typeof name === "string" && other !== name && !(await isThere(client, this.#place.whole(other))))
        await client.query(`ALTER INDEX ${this.#place.whole(name)} RENAME TO ${quoted(other)}`);
    }
  }
}

interface Renaming {
  /** Whether the tables get a suffix, or the plain names. */
  readonly suffix: boolean;
  /** The fields of indexes that repositories look for by name. */
  readonly indexes: readonly (readonly string[])[];
}

function indexNames(...generations: readonly KeptGeneration[]): readonly (readonly string[])[] {
  return generations.flatMap(({ documents }) => documents?.indexes ?? []);
}

/** What belongs to a table is called as it is: with its suffix, or without. */
function indexName(name: string, generation: number, suffix: boolean): string {
  const end = generationSuffix(generation);
  if (suffix) return name.endsWith(end) || name.length + end.length > MAX_SUFFIXED_LENGTH ? name : `${name}${end}`;
  return name.endsWith(end) ? name.slice(0, -end.length) : name;
}

function isSameModel(one: KeptGeneration, other: KeptGeneration): boolean {
  return one.documents?.name === other.documents?.name && one.documents?.schemaVersion === other.documents?.schemaVersion;
}
