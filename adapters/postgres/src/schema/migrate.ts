import type { Ids } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run } from "../database.ts";
import { codeOf } from "../postgres-failure.ts";
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

/** How many migrations a store has seen; 0 where there is none. Errors: `foreign-store` for the schema of a newer program. */
export async function schemaVersion({ client, names, store }: SchemaPlace): Promise<number> {
  // A statement that reads a table learns first what others have made, also while its transaction waited for a lock; a mere call does not.
  const [known] = await run(client, "SELECT 1 FROM pg_class WHERE oid = to_regclass($1)", [names.of("migrations")]);
  if (known === undefined) return 0;
  const [row] = await run(client, `SELECT coalesce(max(version), 0) FROM ${names.of("migrations")}`);
  const seen = Number(row?.[0]);
  if (seen <= MIGRATIONS.length) return seen;
  throw new ForeignStore(
    store,
    `has schema version ${seen}, and this program knows none above ${MIGRATIONS.length}`,
    "Use the newer version of @reactive-domain/postgres that made it.",
  );
}

/** Brings a store up to the newest schema, in one transaction, and tells which it had. Errors: `foreign-store`; PostgreSQL's own. */
export async function migrate(place: SchemaPlace, ids: Ids): Promise<number> {
  const { client, names, store } = place;
  await run(client, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  try {
    // Several may begin at the same time: the later ones find nothing left to do.
    await run(client, `SELECT pg_advisory_xact_lock(hashtextextended('reactive-domain migrations', 0))`);
    const seen = await schemaVersion(place);
    await client.query(migrationSql(names, seen, ids.next()));
    await run(client, "COMMIT");
    return seen;
  } catch (error) {
    await run(client, "ROLLBACK").catch(() => undefined);
    const code = error instanceof Error ? codeOf(error) : undefined;
    if (code !== DUPLICATE_TABLE && code !== DUPLICATE_FUNCTION) throw error;
    const problem = `cannot be made: something of that name is there already (${(error as Error).message})`;
    throw new ForeignStore(store, problem, "It was not changed. Choose another schema or tablePrefix.");
  }
}

/** What brings a store up that has seen so many migrations, as SQL to be run in one transaction. A new log gets the id `epoch`. */
export function migrationSql(names: Names, seen: number, epoch: string): string {
  const steps = MIGRATIONS.slice(seen).map(
    (migration, index) => `${migration(names).trim()}\nINSERT INTO ${names.of("migrations")} (version) VALUES (${seen + index + 1});\n`,
  );
  if (seen > 0) return steps.join("\n");
  return [
    `DO $do$ BEGIN IF to_regnamespace('${names.schema.replaceAll("'", "''")}') IS NULL THEN CREATE SCHEMA ${names.schema}; END IF; END $do$;\n`,
    `CREATE TABLE ${names.of("migrations")} (\n  version integer PRIMARY KEY,\n  applied_at timestamptz NOT NULL DEFAULT now()\n);\n`,
    ...steps,
    `INSERT INTO ${names.of("log")} (epoch) VALUES ('${epoch}');\n`,
  ].join("\n");
}
