import { currentRuntime, type Runtime } from "@reactive-domain/core";
import { ForeignStore, StoreUnavailable } from "@reactive-domain/persistence";
import { createEventStore, DEFAULT_MAX_EVENT_BYTES } from "@reactive-domain/persistence/adapter";
import type { Pool, PoolClient } from "pg";
import { checkStoreOptions, type StoreSettings } from "./check-options.ts";
import { Database, run, type TextRow } from "./database.ts";
import { poolOf, type StorePlace } from "./pool-of.ts";
import { PostgresDriver } from "./postgres-driver.ts";
import { postgresFailure } from "./postgres-failure.ts";
import type { PostgresStoreOptions } from "./postgres-store-options.ts";
import type { PostgresEventStore } from "./postgres-store.ts";
import { migrate, schemaVersion, type SchemaPlace } from "./schema/migrate.ts";
import { MIGRATIONS } from "./schema/migrations.ts";
import { transactionOf } from "./transaction.ts";

const OLDEST_SERVER = 140_000;

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
  const { prepare, retryForMs } = settings;
  const database = new Database({ pool: place.pool, onClose: place.close, name: place.name, prepare, retryForMs, runtime });
  try {
    const durability = await connected(place, runtime, settings);
    const driver = new PostgresDriver({ database, pool: place.pool, names: place.names, durability, ...settings });
    const { maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = options;
    const store = createEventStore(driver, { maxEventBytes });
    return Object.assign(store, { transaction: transactionOf({ driver, database, maxEventBytes }) });
  } catch (error) {
    await place.close();
    throw postgresFailure(error, place.name);
  }
}

/** Makes the first connection, and sees that the server and the schema are what the store needs. Errors: PostgreSQL's own, `store-unavailable`, `foreign-store`. */
async function connected({ pool, names, name: store }: StorePlace, runtime: Runtime, settings: StoreSettings): Promise<string> {
  const { autoMigrate, partitionSize } = settings;
  const client = await pool.connect();
  try {
    const durability = await checkServer(client, store);
    const place = { client, names, store };
    const seen = await schemaVersion(place);
    if (seen < MIGRATIONS.length) {
      if (!autoMigrate)
        throw new ForeignStore(
          store,
          seen === 0 ? "was not made yet" : `has schema version ${seen}, and this program needs ${MIGRATIONS.length}`,
          "Run `reactive-domain db migrate`, or open it with autoMigrate.",
        );
      await migrate(place, { partitionSize }, runtime.ids);
    }
    if (partitionSize !== undefined) await refuseOtherSize(place, partitionSize);
    return durability;
  } finally {
    client.release();
  }
}

/** Errors: `foreign-store` where the store was made with partitions of another size, or without. */
async function refuseOtherSize({ client, names, store }: SchemaPlace, partitionSize: number): Promise<void> {
  const [row] = await run(client, `SELECT partition_size FROM ${names.of("log")} WHERE one`);
  const size = row?.[0] ?? null;
  if (size === String(partitionSize)) return;
  const problem = size === null ? "has all events in one table" : `has partitions of ${size} positions`;
  throw new ForeignStore(store, `${problem}, not of ${partitionSize}`, "Leave partitionSize out, or copy it into a store that is made so.");
}

/** What an acknowledged write survives. Errors: `store-unavailable` for a server that no store can be on. */
async function checkServer(client: PoolClient, store: string): Promise<string> {
  const [row] = await run(
    client,
    "SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('server_encoding'), " +
      "current_setting('default_transaction_isolation'), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'), current_setting('wal_sync_method')",
  );
  const [number, version, encoding, isolation, fsync, synchronousCommit, fullPageWrites, syncMethod] = row as TextRow;
  const refuse = (problem: string): never => {
    throw new StoreUnavailable(store, problem, { retryable: false });
  };
  if (Number(number) < OLDEST_SERVER) refuse(`is on PostgreSQL ${version}, and 14 is the oldest that it runs on`);
  if (encoding !== "UTF8") refuse(`is in a database of encoding ${encoding}; it needs UTF8`);
  if (isolation !== "read committed")
    refuse(`has ${isolation} as its default_transaction_isolation; set it to read committed for this user, or in the pool's options`);
  // Writes turn synchronous_commit on where it is off.
  const committed = synchronousCommit === "off" ? "on" : synchronousCommit;
  const settings = `fsync=${fsync}, synchronous_commit=${committed}, full_page_writes=${fullPageWrites}, wal_sync_method=${syncMethod}`;
  return `PostgreSQL ${version?.split(" ")[0]}, ${settings}`;
}
