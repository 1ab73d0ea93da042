import { createHash } from "node:crypto";
import { refuseOtherShape, shapeText, type ReadModelShape } from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { quoted } from "./sqlite-dialect.ts";

type FieldType = ReadModelShape["listing"]["fields"][string];

const COLUMN_TYPES: Readonly<Record<FieldType, string>> = { string: "TEXT", number: "REAL", boolean: "INTEGER" };

/** The table of a read model, as SQL names it. Names have dashes where those of tables have underscores. */
export function tableOf(name: string, schemaVersion: number): string {
  return quoted(`${name.replaceAll("-", "_")}_v${schemaVersion}`);
}

/** Makes the table and the indexes of a definition where they are missing, within a transaction. Errors: `read-model-redefined`. */
export function makeTable(database: Database, shape: ReadModelShape, file: string): void {
  const { name, schemaVersion } = shape;
  const kept = keptShape(database, name, schemaVersion);
  if (kept === undefined) {
    database.exec(tableSql(shape));
    database.prepare("INSERT INTO read_models (name, schema_version, shape) VALUES (?, ?, ?)").run(name, schemaVersion, shapeText(shape));
  } else refuseOtherShape(shape, kept, file);
  for (const sql of indexesSql(shape)) database.exec(sql);
}

/** Whether there is nothing to make. Errors: `read-model-redefined`. */
export function isMade(database: Database, shape: ReadModelShape, file: string): boolean {
  const kept = keptShape(database, shape.name, shape.schemaVersion);
  if (kept === undefined) return false;
  refuseOtherShape(shape, kept, file);
  const known = database.prepare<[string], string>("SELECT name FROM sqlite_schema WHERE type = 'index' AND name = ?").pluck();
  return shape.indexes.every((fields) => known.get(indexName(shape, fields)) !== undefined);
}

/** Removes a table with its indexes, within a transaction, and tells whether there was one. */
export function dropTable(database: Database, name: string, schemaVersion: number): boolean {
  const { changes } = database.prepare("DELETE FROM read_models WHERE name = ? AND schema_version = ?").run(name, schemaVersion);
  if (changes > 0) database.exec(`DROP TABLE ${tableOf(name, schemaVersion)}`);
  return changes > 0;
}

function keptShape(database: Database, name: string, schemaVersion: number): string | undefined {
  const shape = database.prepare<[string, number], string>("SELECT shape FROM read_models WHERE name = ? AND schema_version = ?").pluck();
  return shape.get(name, schemaVersion);
}

function tableSql({ name, schemaVersion, listing }: ReadModelShape): string {
  const columns = Object.entries(listing.fields).map(
    ([field, type]) => `${quoted(field)} ${COLUMN_TYPES[type]}${listing.key.includes(field) ? " NOT NULL" : ""}`,
  );
  return `CREATE TABLE ${tableOf(name, schemaVersion)} (
  ${columns.join(",\n  ")},
  _version INTEGER NOT NULL,
  _item TEXT NOT NULL,
  PRIMARY KEY (${listing.key.map(quoted).join(", ")})
) STRICT`;
}

function indexesSql(shape: ReadModelShape): readonly string[] {
  const { name, schemaVersion, listing, indexes } = shape;
  return indexes.map((fields) => {
    const columns = [...new Set([...fields, ...listing.key])].map(quoted);
    return `CREATE INDEX IF NOT EXISTS ${quoted(indexName(shape, fields))} ON ${tableOf(name, schemaVersion)} (${columns.join(", ")})`;
  });
}

function indexName({ name, schemaVersion }: ReadModelShape, fields: readonly string[]): string {
  const hash = createHash("sha256").update(fields.join()).digest("hex").slice(0, 8);
  return `${name.replaceAll("-", "_")}_v${schemaVersion}_ix_${hash}`;
}
