import type { Ids } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run } from "../database.ts";
import { DURABLY, inTransaction, READ_COMMITTED } from "../in-transaction.ts";
import { codeOf } from "../postgres-failure.ts";
import type { Layout } from "./layout.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Names } from "./names.ts";

/** Where a store is, and what errors call it. */
export interface SchemaPlace {
  readonly client: PoolClient;
  readonly names: Names;
  readonly store: string;
}

const DUPLICATE_TABLE = "42P07";
const DUPLICATE_FUNCTION = "42723";

/**
 * A connection remembers which names it did not find. In a transaction it learns that others have made them when it first touches a table, as this does; a bare
 * `to_regclass` would go by what it found before it waited for them.
 */
const FIND_TABLE = "SELECT oid FROM pg_catalog.pg_class WHERE oid = to_regclass($1)";

/** How many migrations a store has seen; 0 where there is none. Errors: `foreign-store` for the schema of a newer program. */
export async function schemaVersion(place: SchemaPlace): Promise<number> {
  const { client, names, store } = place;
  const [known] = await run(client, FIND_TABLE, [names.of("migrations")]);
  if (known === undefined) return 0;
  const seen = await lastMigration(place);
  if (seen <= MIGRATIONS.length) return seen;
  throw new ForeignStore(
    store,
    `has schema version ${seen}, and this program knows none above ${MIGRATIONS.length}`,
    "Use the newer version of @reactive-domain/postgres that made it.",
  );
}

async function lastMigration({ client, names, store }: SchemaPlace): Promise<number> {
  const [row] = await run(
    client,
    "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass($1) AND atttypid = 'integer'::regtype AND attname = 'version'",
    [names.of("migrations")],
  );
  if (row?.[0] !== "1") {
    const problem = `cannot be made: something else has a table of the name ${names.of("migrations")}`;
    throw new ForeignStore(store, problem, "It was not changed. Choose another schema or tablePrefix.");
  }
  const [last] = await run(client, `SELECT coalesce(max(version), 0) FROM ${names.of("migrations")}`);
  return Number(last?.[0]);
}

/** Refuses a store that was not made yet. Errors: `foreign-store`. */
export function refuseMissing(seen: number, store: string): void {
  if (seen === 0) throw new ForeignStore(store, "was not made yet", "Run `reactive-domain db migrate`, or open it for writing once.");
}

/** Refuses a store that was not made yet, or has an older schema than this program. Errors: `foreign-store`. */
export function refuseOldSchema(seen: number, store: string): void {
  refuseMissing(seen, store);
  if (seen === MIGRATIONS.length) return;
  const problem = `has schema version ${seen}, and this program needs ${MIGRATIONS.length}`;
  throw new ForeignStore(store, problem, "Run `reactive-domain db migrate`, or open it with autoMigrate.");
}

/** Brings a store up to the newest schema, in one transaction, and tells which it had. Errors: `foreign-store`; PostgreSQL's own. */
export async function migrate(place: SchemaPlace, layout: Layout, ids: Ids): Promise<number> {
  const { client, names, store } = place;
  // Several may begin at the same time: the later ones find nothing left to do.
  const lock = "SELECT pg_advisory_xact_lock(hashtextextended('reactive-domain migrations', 0))";
  try {
    return await inTransaction(client, `${READ_COMMITTED}; ${lock}; ${DURABLY}`, async () => {
      const seen = await schemaVersion(place);
      const { partitionSize } = seen === 0 ? layout : await layoutOf(place);
      await client.query(migrationSql(names, { seen, epoch: ids.next(), partitionSize }));
      return seen;
    });
  } catch (error) {
    const code = error instanceof Error ? codeOf(error) : undefined;
    if (code !== DUPLICATE_TABLE && code !== DUPLICATE_FUNCTION) throw error;
    const problem = `cannot be made: something of that name is there already (${(error as Error).message})`;
    throw new ForeignStore(store, problem, "It was not changed. Choose another schema or tablePrefix.");
  }
}

/** What was decided when a store was made. */
export async function layoutOf({ client, names }: SchemaPlace): Promise<Layout> {
  const [row] = await run(client, `SELECT partition_size FROM ${names.of("log")} WHERE one`);
  return { partitionSize: row?.[0] === null || row === undefined ? undefined : Number(row[0]) };
}

/** What a store that is to be brought up is like. */
export interface MigrationFacts extends Layout {
  /** How many migrations it has seen. */
  readonly seen: number;
  /** The id of a new log. */
  readonly epoch: string;
}

/** What brings a store up, as SQL to be run in one transaction. */
export function migrationSql(names: Names, { seen, epoch, partitionSize }: MigrationFacts): string {
  const steps = MIGRATIONS.slice(seen).map(
    (migration, index) =>
      `${migration(names, { partitionSize }).trim()}\nINSERT INTO ${names.of("migrations")} (version) VALUES (${seen + index + 1});\n`,
  );
  if (seen > 0) return steps.join("\n");
  return [
    `DO $do$ BEGIN IF to_regnamespace('${names.schema.replaceAll("'", "''")}') IS NULL THEN CREATE SCHEMA ${names.schema}; END IF; END $do$;\n`,
    `CREATE TABLE ${names.of("migrations")} (\n  version integer PRIMARY KEY,\n  applied_at timestamptz NOT NULL DEFAULT now()\n);\n`,
    ...steps,
    `INSERT INTO ${names.of("log")} (epoch, partition_size, partitions_end) VALUES ('${epoch}', ${partitionSize ?? "NULL"}, ${partitionSize === undefined ? "NULL" : 0});\n`,
  ].join("\n");
}
