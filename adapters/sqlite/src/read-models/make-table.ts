import { createHash } from "node:crypto";
import { ForeignStore } from "@reactive-domain/persistence";
import { refuseOtherShape, shapeText, type ReadModelShape } from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { quoted } from "./sqlite-dialect.ts";

type FieldType = ReadModelShape["listing"]["fields"][string];
type ReadModelName = Pick<ReadModelShape, "name" | "schemaVersion">;

/** What the catalog has of a read model. */
interface KeptReadModel {
  readonly shape: string;
  /** What makes its items. */
  readonly projection: string | null;
}

const COLUMN_TYPES: Readonly<Record<FieldType, string>> = { string: "TEXT", number: "REAL", boolean: "INTEGER" };

/** The table of a read model. Names have dashes where those of tables have underscores. */
export function tableNameOf({ name, schemaVersion }: ReadModelName): string {
  return `${name.replaceAll("-", "_")}_v${schemaVersion}`;
}

/** Makes the table and the indexes of a definition where they are missing, within a transaction. Errors: `read-model-redefined`, `foreign-store`. */
export function makeTable(database: Database, shape: ReadModelShape, file: string): void {
  makeReadModel(database, shape, file);
  const table = tableNameOf(shape);
  if (!hasTable(database, table)) database.exec(tableSql(shape, table));
  makeIndexes(database, shape, table);
}

/** Enters a read model into the catalog where it is missing, within a transaction. Errors: `read-model-redefined`, `foreign-store`. */
export function makeReadModel(database: Database, shape: ReadModelShape, file: string): void {
  const kept = keptReadModel(database, shape);
  if (kept !== undefined) return refuseOtherShape(shape, kept.shape, file);
  const { name, schemaVersion } = shape;
  const table = tableNameOf(shape);
  if (hasTable(database, table)) throw new ForeignStore(file, `has a table ${table} that is no read model's`, "Choose another name.");
  database.prepare("INSERT INTO read_models (name, schema_version, shape) VALUES (?, ?, ?)").run(name, schemaVersion, shapeText(shape));
}

/** Makes a table for items of a definition under another name, with its indexes, within a transaction. */
export function makeTableNamed(database: Database, shape: ReadModelShape, table: string): void {
  database.exec(tableSql(shape, table));
  makeIndexes(database, shape, table);
}

/** Whether there is nothing to make. Errors: `read-model-redefined`. */
export function isMade(database: Database, shape: ReadModelShape, file: string): boolean {
  const kept = keptReadModel(database, shape);
  if (kept === undefined) return false;
  refuseOtherShape(shape, kept.shape, file);
  const table = tableNameOf(shape);
  return hasTable(database, table) && missingIndexes(database, shape, table).length === 0;
}

/** Removes a table with its indexes, within a transaction, and tells whether there was one. Errors: `foreign-store` for what a projection makes. */
export function dropTable(database: Database, name: ReadModelName, file: string): boolean {
  const kept = keptReadModel(database, name);
  if (kept === undefined) return false;
  if (kept.projection !== null)
    throw new ForeignStore(file, `has ${name.name} as what projection ${kept.projection} makes`, "Remove the projection instead.");
  database.prepare("DELETE FROM read_models WHERE name = ? AND schema_version = ?").run(name.name, name.schemaVersion);
  database.exec(`DROP TABLE ${quoted(tableNameOf(name))}`);
  return true;
}

export function keptReadModel(database: Database, { name, schemaVersion }: ReadModelName): KeptReadModel | undefined {
  return database
    .prepare<[string, number], KeptReadModel>("SELECT shape, projection FROM read_models WHERE name = ? AND schema_version = ?")
    .get(name, schemaVersion);
}

/** Whether there is a table, a view or an index of a name. */
export function hasTable(database: Database, name: string): boolean {
  return database.prepare<[string], number>("SELECT 1 FROM sqlite_schema WHERE name = ?").pluck().get(name) === 1;
}

function tableSql({ listing }: ReadModelShape, table: string): string {
  const columns = Object.entries(listing.fields).map(
    ([field, type]) => `${quoted(field)} ${COLUMN_TYPES[type]}${listing.key.includes(field) ? " NOT NULL" : ""}`,
  );
  return `CREATE TABLE ${quoted(table)} (
  ${columns.join(",\n  ")},
  _version INTEGER NOT NULL,
  _item TEXT NOT NULL,
  PRIMARY KEY (${listing.key.map(quoted).join(", ")})
) STRICT`;
}

function makeIndexes(database: Database, shape: ReadModelShape, table: string): void {
  for (const fields of missingIndexes(database, shape, table)) {
    const columns = [...new Set([...fields, ...shape.listing.key])].map(quoted);
    const name = freeName(database, indexName(shape, fields));
    database.exec(`CREATE INDEX ${quoted(name)} ON ${quoted(table)} (${columns.join(", ")})`);
  }
}

/** An index stays with its table when that gets another name, under the name that it has: so those of a table are told by how they begin. */
function missingIndexes(database: Database, shape: ReadModelShape, table: string): ReadModelShape["indexes"] {
  const names = database.prepare<[string], string>("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?").pluck();
  const known = names.all(table);
  return shape.indexes.filter((fields) => !known.some((name) => name.startsWith(indexName(shape, fields))));
}

function freeName(database: Database, name: string): string {
  for (let nth = 1; ; nth++) {
    const free = nth === 1 ? name : `${name}__${nth}`;
    if (!hasTable(database, free)) return free;
  }
}

function indexName(name: ReadModelName, fields: readonly string[]): string {
  const hash = createHash("sha256").update(fields.join()).digest("hex").slice(0, 8);
  return `${tableNameOf(name)}_ix_${hash}`;
}
