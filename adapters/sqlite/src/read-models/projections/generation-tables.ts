import { InvalidArgument } from "@reactive-domain/core";
import { ForeignStore, type ProjectionShape } from "@reactive-domain/persistence";
import type { Database } from "better-sqlite3";
import { hasTable, keptReadModel, makeReadModel, makeTableNamed, tableNameOf } from "../make-table.ts";
import { quoted } from "../sqlite-dialect.ts";
import { namerOf, suffixed, type Generation, type GenerationTable } from "./generation.ts";
import type { GuardedWork, Thrown } from "./guarded-work.ts";

type Documents = Extract<ProjectionShape<Database>, { readonly kind: "documents" }>;
type OwnTables = Extract<ProjectionShape<Database>, { readonly kind: "tables" }>;
/** The generation whose tables are to be made. */
type Wanted = Pick<Generation, "projection" | "generation" | "status">;

interface TablesInFile {
  readonly database: Database;
  /** What errors call the file. */
  readonly where: string;
}

/** Names of the tables of a generation. */
export function tablesOf(shape: ProjectionShape<Database>, { status, generation }: Wanted): readonly GenerationTable[] {
  const names = shape.kind === "tables" ? shape.tables : [tableNameOf(shape.shape)];
  return names.map((name) => ({ name, table: status === "live" ? name : suffixed(name, generation) }));
}

/** Makes the table for items of a generation, within a transaction. Errors: `foreign-store`, `read-model-redefined`. */
export function makeDocuments({ database, where }: TablesInFile, { shape }: Documents, wanted: Wanted): void {
  const known = keptReadModel(database, shape);
  if (known === undefined || known.projection !== wanted.projection) refuseItems({ database, where }, shape, known?.projection ?? null);
  makeReadModel(database, shape, where);
  const [{ table } = { table: "" }] = tablesOf({ kind: "documents", shape }, wanted);
  // What a repository has made is empty, and may have other indexes.
  if (hasTable(database, table)) database.exec(`DROP TABLE ${quoted(table)}`);
  makeTableNamed(database, shape, table);
  database
    .prepare("UPDATE read_models SET projection = ? WHERE name = ? AND schema_version = ?")
    .run(wanted.projection, shape.name, shape.schemaVersion);
}

function refuseItems({ database, where }: TablesInFile, shape: Documents["shape"], projection: string | null): void {
  const { name } = shape;
  if (projection !== null)
    throw new ForeignStore(where, `has ${name} as what projection ${projection} makes`, "Remove that one, or choose another name.");
  const table = tableNameOf(shape);
  if (keptReadModel(database, shape) === undefined || !hasTable(database, table)) return;
  if (database.prepare(`SELECT 1 FROM ${quoted(table)} LIMIT 1`).get() !== undefined)
    throw new ForeignStore(where, `has items of ${name} that no projection made`, "Discard them, or choose another name.");
}

/** Has a projection make its tables, within a transaction: all of them, and no others. What `create` throws is returned. Errors: `foreign-store`. */
export function makeTables(
  file: TablesInFile,
  work: GuardedWork,
  making: { readonly shape: OwnTables; readonly wanted: Wanted },
): Thrown | undefined {
  const { database } = file;
  const { shape, wanted } = making;
  const before = new Set(tableNames(database));
  const tables = tablesOf(shape, wanted).map(({ table }) => table);
  for (const table of tables)
    if (hasTable(database, table))
      throw new ForeignStore(
        file.where,
        `has a table ${table} already`,
        `Choose another name for the table of projection ${wanted.projection}.`,
      );
  return work.run(() => {
    const result = shape.create(database, namerOf(wanted));
    const made = tableNames(database).filter((name) => !before.has(name));
    if (!isPromise(result) && database.inTransaction) refuseOthers(wanted.projection, tables, made);
    return result;
  });
}

function refuseOthers(projection: string, tables: readonly string[], made: readonly string[]): void {
  const missing = tables.find((table) => !made.includes(table));
  const what = `create of projection ${projection}`;
  if (missing !== undefined)
    throw new InvalidArgument(
      what,
      `what makes the table ${missing}`,
      made,
      "Use table(name) for each name in `tables`. Nothing was made.",
    );
  const stray = made.find((name) => !tables.includes(name));
  if (stray !== undefined)
    throw new InvalidArgument(
      what,
      `what makes the tables ${tables.join(", ")}, and no others`,
      stray,
      "List it in `tables`. Nothing was made.",
    );
}

/** Tables and views, without those that belong to virtual ones. */
function tableNames(database: Database): readonly string[] {
  return database
    .prepare<[], string>(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .pluck()
    .all();
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

/** Removes the tables of a generation, within a transaction; and of the catalog the read model that nothing is left of. */
export function dropTables(database: Database, generation: Generation, others: readonly Generation[]): void {
  for (const table of referringFirst(database, generation)) database.exec(`DROP TABLE IF EXISTS ${quoted(table)}`);
  const { making } = generation;
  if (making.kind === "tables" || others.some((other) => isOfSameReadModel(other, generation))) return;
  const sql = hasTable(database, tableNameOf(making))
    ? "UPDATE read_models SET projection = NULL WHERE name = ? AND schema_version = ?"
    : "DELETE FROM read_models WHERE name = ? AND schema_version = ?";
  database.prepare(sql).run(making.name, making.schemaVersion);
}

/** SQLite would delete row by row what others refer to. */
function referringFirst(database: Database, { tables }: Generation): readonly string[] {
  const references = database.prepare<[string], number>("SELECT count(*) FROM pragma_foreign_key_list(?)").pluck();
  return tables.map(({ table }) => table).toSorted((one, other) => Number(references.get(other)) - Number(references.get(one)));
}

function isOfSameReadModel({ making: one }: Generation, { making: other }: Generation): boolean {
  return one.kind === "documents" && other.kind === "documents" && one.name === other.name && one.schemaVersion === other.schemaVersion;
}
