import { currentRuntime, type Runtime } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import { createEventStore, DEFAULT_MAX_EVENT_BYTES } from "@reactive-domain/persistence/adapter";
import type { Pool, PoolClient } from "pg";
import { checkStoreOptions, type StoreSettings } from "./check-options.ts";
import { checkServer } from "./check-server.ts";
import { Database } from "./database.ts";
import { poolOf, type StorePlace } from "./pool-of.ts";
import { PostgresDriver } from "./postgres-driver.ts";
import { postgresFailure } from "./postgres-failure.ts";
import type { PostgresStoreOptions } from "./postgres-store-options.ts";
import type { PostgresEventStore } from "./postgres-store.ts";
import { readOnlyDriver, refuseWriting } from "./read-only-driver.ts";
import { layoutOf, migrate, refuseOldSchema, schemaVersion, type SchemaPlace } from "./schema/migrate.ts";
import { MIGRATIONS } from "./schema/migrations.ts";
import { transactionOf } from "./transaction.ts";

/**
 * Opens the event store in a schema of a PostgreSQL database (14 or later), by URL or through a pool of the caller's (of 3 connections at least, or 2 without
 * listening), and makes it where there is none. A URL may
 * say `schema` and `tablePrefix` as parameters. What a write acknowledges is flushed to the server's disk; positions have no holes, whoever writes.
 *
 * Errors: `store-unavailable` (the server, the database or a right is missing, or the password is wrong), `foreign-store` (a newer program made the store, something else has its
 * names, or it needs a migration and `autoMigrate` is off), `invalid-argument`.
 *
 * @example
 * await using store = await openPostgresStore("postgres://bank@localhost/bank");
 */
export async function openPostgresStore(where: string | Pool, options: PostgresStoreOptions = {}): Promise<PostgresEventStore> {
  const settings = checkStoreOptions(where, options);
  const runtime = currentRuntime();
  const place = poolOf(where, settings);
  const { prepare, retryForMs, answerTimeoutMs } = settings;
  const database = new Database({
    pool: place.pool,
    onClose: place.close,
    name: place.name,
    prepare,
    retryForMs,
    answerTimeoutMs,
    runtime,
  });
  try {
    const durability = await database.lend((client) => seenBy(client, place, { ...settings, runtime }));
    const driver = new PostgresDriver({ database, names: place.names, durability, ...settings });
    const { maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = options;
    if (settings.readOnly)
      return Object.assign(createEventStore(readOnlyDriver(driver), { maxEventBytes }), { transaction: refuseWriting(driver) });
    const store = createEventStore(driver, { maxEventBytes });
    return Object.assign(store, { transaction: transactionOf({ driver, database, maxEventBytes }) });
  } catch (error) {
    await place.close();
    throw postgresFailure(error, place.name);
  }
}

interface Opening extends StoreSettings {
  readonly runtime: Runtime;
}

/**
 * Sees by the first connection that the server and the schema are what the store needs, and tells what an acknowledged write survives. Errors: PostgreSQL's own,
 * `store-unavailable`, `foreign-store`.
 */
async function seenBy(client: PoolClient, { names, name: store }: StorePlace, opening: Opening): Promise<string> {
  const { autoMigrate, readOnly, partitionSize, runtime } = opening;
  const durability = await checkServer(client, store);
  const place = { client, names, store };
  const seen = await schemaVersion(place);
  if (!autoMigrate || readOnly) refuseOldSchema(seen, store);
  else if (seen < MIGRATIONS.length) await migrate(place, { partitionSize }, runtime.ids);
  if (partitionSize !== undefined) await refuseOtherSize(place, partitionSize);
  return durability;
}

/** Errors: `foreign-store` where the store was made with partitions of another size, or without. */
async function refuseOtherSize(place: SchemaPlace, partitionSize: number): Promise<void> {
  const { partitionSize: size } = await layoutOf(place);
  if (size === partitionSize) return;
  const problem = size === undefined ? "has all events in one table" : `has partitions of ${size} positions`;
  throw new ForeignStore(
    place.store,
    `${problem}, not of ${partitionSize}`,
    "Leave partitionSize out, or copy it into a store that is made so.",
  );
}
