import { refuseOtherShape, shapeText, type ReadModelShape } from "@reactive-domain/persistence/adapter";
import { ForeignStore } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run } from "../database.ts";
import { DURABLY, inTransaction, READ_COMMITTED } from "../in-transaction.ts";
import { codeOf } from "../postgres-failure.ts";
import { quoted } from "../schema/names.ts";
import { COLUMN_TYPES } from "./postgres-dialect.ts";
import { catalogName, TableNames, type ReadModelPlace } from "./table-names.ts";

export type ReadModelName = Pick<ReadModelShape, "name" | "schemaVersion">;

/** Where a table is to be, and what errors call that. */
export interface TableMaking {
  readonly client: PoolClient;
  readonly place: ReadModelPlace;
  readonly where: string;
}

const DUPLICATE_TABLE = "42P07";
const UNDEFINED_COLUMN = "42703";

/** Makes the table and the indexes of a definition where they are missing. Errors: `read-model-redefined`, `foreign-store`, PostgreSQL's own. */
export async function makeTable(making: TableMaking, shape: ReadModelShape): Promise<void> {
  try {
    if (!(await isMade(making, shape))) await makeMissing(making, shape);
  } catch (error) {
    throw nameTaken(error, making.where);
  }
}

/** Whether there is nothing to make. */
async function isMade(making: TableMaking, shape: ReadModelShape): Promise<boolean> {
  const { client, place, where } = making;
  const kept = await keptShape(making, shape);
  if (kept === undefined) return false;
  refuseOtherShape(shape, kept, where);
  const names = new TableNames(place, shape);
  const indexes = shape.indexes.map((fields) => names.index(fields).whole);
  const missing = await run(client, "SELECT 1 FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL", [indexes]);
  return missing.length === 0;
}

async function makeMissing(making: TableMaking, shape: ReadModelShape): Promise<void> {
  await alone(making.client, () => makeWithin(making, shape));
}

/** As {@link makeTable}, within {@link alone}. Errors: `read-model-redefined`, PostgreSQL's own. */
export async function makeWithin(making: TableMaking, shape: ReadModelShape): Promise<void> {
  const { client, place, where } = making;
  await client.query(catalogSql(place));
  const kept = await keptShape(making, shape);
  const names = new TableNames(place, shape);
  if (kept === undefined) {
    await client.query(`CREATE SEQUENCE ${names.versions}; ${tableSql(names, shape)}`);
    const insert = `INSERT INTO ${catalogName(place)} (name, schema_version, shape) VALUES ($1, $2, $3)`;
    await run(client, insert, [shape.name, shape.schemaVersion, shapeText(shape)]);
  } else refuseOtherShape(shape, kept, where);
  for (const sql of indexesSql(names, shape)) await client.query(sql);
}

/** Removes a table with what belongs to it, and tells whether there was one. Errors: those of `refuse`, PostgreSQL's own. */
export async function dropTable(
  { client, place }: TableMaking,
  { name, schemaVersion }: ReadModelName,
  refuse: () => Promise<void>,
): Promise<boolean> {
  return alone(client, async () => {
    if (!(await hasCatalog(client, place))) return false;
    await refuse();
    const known = await run(client, `DELETE FROM ${catalogName(place)} WHERE name = $1 AND schema_version = $2 RETURNING 1`, [
      name,
      schemaVersion,
    ]);
    const { table, versions } = new TableNames(place, { name, schemaVersion });
    if (known.length > 0) await client.query(`DROP TABLE ${table}; DROP SEQUENCE ${versions}`);
    return known.length > 0;
  });
}

/** One after another, whoever makes or drops tables. */
export function alone<T>(client: PoolClient, work: () => Promise<T>, begin = READ_COMMITTED): Promise<T> {
  const lock = "SELECT pg_advisory_xact_lock(hashtextextended('reactive-domain read models', 0))";
  return inTransaction(client, `${begin}; ${lock}; ${DURABLY}`, work);
}

/** The key and fields that are kept under a name and schema version. */
async function keptShape({ client, place }: TableMaking, { name, schemaVersion }: ReadModelName): Promise<string | undefined> {
  if (!(await hasCatalog(client, place))) return undefined;
  const rows = await run(client, `SELECT shape FROM ${catalogName(place)} WHERE name = $1 AND schema_version = $2`, [name, schemaVersion]);
  return rows[0]?.[0] ?? undefined;
}

async function hasCatalog(client: PoolClient, place: ReadModelPlace): Promise<boolean> {
  return isThere(client, catalogName(place));
}

/** Whether there is a table of a name, as SQL writes it. */
export async function isThere(client: PoolClient, name: string): Promise<boolean> {
  // A connection learns here that others have made it meanwhile; a bare to_regclass would go by what it found before.
  const known = await run(client, "SELECT oid FROM pg_catalog.pg_class WHERE oid = to_regclass($1)", [name]);
  return known.length > 0;
}

/** Who may not make a schema may use one. */
export function schemaSql(place: ReadModelPlace): string {
  const schema = quoted(place.schema);
  return `DO $do$ BEGIN IF to_regnamespace('${schema}') IS NULL THEN CREATE SCHEMA ${schema}; END IF; END $do$`;
}

function catalogSql(place: ReadModelPlace): string {
  return (
    `${schemaSql(place)};\n` +
    `CREATE TABLE IF NOT EXISTS ${catalogName(place)} (
  name text NOT NULL,
  schema_version integer NOT NULL,
  shape text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, schema_version)
)`
  );
}

/** The table of a definition, or of a generation of it. */
export function tableSql({ table }: TableNames, { listing: { fields, key } }: ReadModelShape): string {
  const columns = Object.entries(fields).map(([field, type]) => {
    const collation = type === "string" ? ` COLLATE "C"` : "";
    return `${quoted(field)} ${COLUMN_TYPES[type]}${collation}${key.includes(field) ? " NOT NULL" : ""}`;
  });
  return `CREATE TABLE ${table} (
  ${columns.join(",\n  ")},
  _version bigint NOT NULL,
  _item json NOT NULL,
  PRIMARY KEY (${key.map(quoted).join(", ")})
)`;
}

/** Its indexes, which are made where they are missing. */
export function indexesSql(names: TableNames, shape: ReadModelShape): readonly string[] {
  return shape.indexes.map((fields) => {
    const columns = [...new Set([...fields, ...shape.listing.key])].map((field) =>
      shape.listing.key.includes(field) ? quoted(field) : `${quoted(field)} NULLS FIRST`,
    );
    return `CREATE INDEX IF NOT EXISTS ${names.index(fields).bare} ON ${names.table} (${columns.join(", ")})`;
  });
}

/** What is to be told of a name that something else has; other errors come back as they are. */
export function nameTaken(error: unknown, where: string): unknown {
  const code = error instanceof Error ? codeOf(error) : undefined;
  if (code !== DUPLICATE_TABLE && code !== UNDEFINED_COLUMN) return error;
  const problem = `cannot have a table: something of that name is there already (${(error as Error).message})`;
  return new ForeignStore(where, problem, "It was not changed. Choose another schema or tablePrefix.");
}
