import { currentRuntime } from "@reactive-domain/core";
import type { ReadModels } from "@reactive-domain/persistence";
import { createReadModels } from "@reactive-domain/persistence/adapter";
import type { Pool, PoolClient } from "pg";
import { checkServer } from "../check-server.ts";
import { Database } from "../database.ts";
import { poolOf } from "../pool-of.ts";
import { postgresFailure } from "../postgres-failure.ts";
import { checkReadModelOptions, type PostgresReadModelOptions } from "./check-read-model-options.ts";
import { PostgresReadModels } from "./postgres-read-models.ts";

/**
 * Opens the read models in a schema of a PostgreSQL database (14 or later), by URL or through a pool of the caller's, and makes the schema where it is missing. A URL may
 * say `schema` and `tablePrefix` as parameters. An event store may live in the same schema. What is acknowledged is flushed to the server's disk.
 *
 * Errors: `store-unavailable` (the server, the database or a right is missing, or the password is wrong), `foreign-store` (something else has its names), `invalid-argument`.
 *
 * @example
 * await using views = await openPostgresReadModels("postgres://bank@localhost/bank");
 * const accounts = await views.repository(accountViews);
 */
export async function openPostgresReadModels(
  where: string | Pool,
  options: PostgresReadModelOptions = {},
): Promise<ReadModels<PoolClient>> {
  const settings = checkReadModelOptions(where, options);
  const runtime = currentRuntime();
  const place = poolOf(where, settings, "read models");
  const { prepare, retryForMs, answerTimeoutMs, schema, tablePrefix } = settings;
  const { pool, close: onClose, name } = place;
  const database = new Database({ pool, onClose, name, prepare, retryForMs, answerTimeoutMs, runtime });
  try {
    const durability = await database.lend((client) => checkServer(client, place.name));
    return createReadModels(new PostgresReadModels({ database, durability, schema, tablePrefix, answerTimeoutMs }));
  } catch (error) {
    await place.close();
    throw postgresFailure(error, place.name);
  }
}
