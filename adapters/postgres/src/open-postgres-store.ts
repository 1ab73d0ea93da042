import { currentRuntime, type Runtime } from "@reactive-domain/core";
import { ForeignStore, StoreUnavailable } from "@reactive-domain/persistence";
import { createEventStore, DEFAULT_MAX_EVENT_BYTES, type EventStoreOptions } from "@reactive-domain/persistence/adapter";
import type { Pool, PoolClient } from "pg";
import { checkStoreOptions } from "./check-options.ts";
import { Database, run, type TextRow } from "./database.ts";
import { poolOf, type StorePlace } from "./pool-of.ts";
import { PostgresDriver } from "./postgres-driver.ts";
import { postgresFailure } from "./postgres-failure.ts";
import type { PostgresEventStore } from "./postgres-store.ts";
import { migrate, schemaVersion } from "./schema/migrate.ts";
import { MIGRATIONS } from "./schema/migrations.ts";
import { transactionOf } from "./transaction.ts";

/** Settings of a PostgreSQL store. */
export interface PostgresStoreOptions extends EventStoreOptions {
  /** The schema that the store lives in, made where it is missing: letters, digits and underscores. Default `reactive_domain`. */
  readonly schema?: string;
  /** What the names of tables and functions begin with, for several logs in one schema. Default: nothing. */
  readonly tablePrefix?: string;
  /** Makes the store, or brings its schema up, when it is opened. Default `true`; otherwise a store that needs it is refused. */
  readonly autoMigrate?: boolean;
  /** The most connections, where the store makes its own pool; one of them listens. From 2. Default 10. */
  readonly maxConnections?: number;
  /** Whether one connection listens for commits of other processes. Default `true`; not possible behind pgbouncer in transaction mode. */
  readonly listen?: boolean;
  /** How often a store with subscriptions looks for commits of others, in milliseconds, from 1: the net below listening. Default 1,000, or 50 without listening. */
  readonly pollIntervalMs?: number;
  /** Whether connections keep the plans of frequent statements. Default `true`; `false` for poolers that do not pass prepared statements on. */
  readonly prepare?: boolean;
  /** How long a call waits for a server that is away, in milliseconds, from 0. Default 30,000. */
  readonly retryForMs?: number;
}

const OLDEST_SERVER = 140_000;

/**
 * Opens the event store in a schema of a PostgreSQL database (14 or later), by URL or through a pool of the caller's, and makes it where there is none. A URL may
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
    const facts = await database.lend((client) => factsBy(client, { ...place, runtime, autoMigrate: settings.autoMigrate }));
    const driver = new PostgresDriver({ database, pool: place.pool, names: place.names, ...facts, ...settings });
    const { maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = options;
    const store = createEventStore(driver, { maxEventBytes });
    return Object.assign(store, { transaction: transactionOf({ driver, database, maxEventBytes }) });
  } catch (error) {
    await place.close();
    throw postgresFailure(error, place.name);
  }
}

interface ServerFacts {
  readonly durability: string;
  readonly epoch: string;
}

interface Opening extends StorePlace {
  readonly runtime: Runtime;
  readonly autoMigrate: boolean;
}

/** Sees by the first connection that the server and the schema are what the store needs. Errors: PostgreSQL's own, `store-unavailable`, `foreign-store`. */
async function factsBy(client: PoolClient, { names, name: store, runtime, autoMigrate }: Opening): Promise<ServerFacts> {
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
    await migrate(place, runtime.ids);
  }
  const [row] = await run(client, `SELECT epoch FROM ${names.of("log")} WHERE one`);
  return { durability, epoch: row?.[0] ?? "" };
}

/** What an acknowledged write survives. Errors: `store-unavailable` for a server that no store can be on. */
async function checkServer(client: PoolClient, store: string): Promise<string> {
  const [row] = await run(
    client,
    "SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('server_encoding'), " +
      "current_setting('default_transaction_isolation'), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes')",
  );
  const [number, version, encoding, isolation, fsync, synchronousCommit, fullPageWrites] = row as TextRow;
  const refuse = (problem: string): never => {
    throw new StoreUnavailable(store, problem, { retryable: false });
  };
  if (Number(number) < OLDEST_SERVER) refuse(`is on PostgreSQL ${version}, and 14 is the oldest that it runs on`);
  if (encoding !== "UTF8") refuse(`is in a database of encoding ${encoding}; it needs UTF8`);
  if (isolation !== "read committed")
    refuse(`has ${isolation} as its default_transaction_isolation; set it to read committed for this user, or in the pool's options`);
  // Writes turn synchronous_commit on where it is off.
  const committed = synchronousCommit === "off" ? "on" : synchronousCommit;
  return `PostgreSQL ${version}, fsync=${fsync}, synchronous_commit=${committed}, full_page_writes=${fullPageWrites}`;
}
