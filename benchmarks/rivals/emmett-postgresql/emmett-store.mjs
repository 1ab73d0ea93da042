import { readFileSync } from "node:fs";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";
import pg from "pg";

const SETTINGS = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];

/** @typedef {import("@event-driven-io/emmett-postgresql").PostgresEventStore} Store */

/**
 * Opens Emmett's store, with its tables made, over a pool of so many connections. The pool that makes the tables goes: a timeout for statements stays on it.
 *
 * @param {string} url
 * @param {number} connections
 */
export async function openEmmettStore(url, connections) {
  const migrating = openStore(url, 1);
  await migrating.store.schema.migrate();
  await migrating.close();
  return openStore(url, connections);
}

/**
 * @param {string} url
 * @param {number} connections
 */
function openStore(url, connections) {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const store = getPostgreSQLEventStore(url, { schema: { autoMigration: "None" }, connectionOptions: { pool } });
  return { store, pool, close: () => pool.end() };
}

/**
 * What holds on every connection that the store has open, and the versions of the two.
 *
 * @param {pg.Pool} pool
 * @returns {Promise<object>}
 */
export async function readBack(pool) {
  const clients = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()));
  const seen = await Promise.all(clients.map((client) => readSettings(client)));
  for (const client of clients) client.release();
  const [first] = seen;
  if (first === undefined || seen.some(({ durability }) => durability !== first.durability))
    throw new Error(`The store's connections differ in their durability: ${JSON.stringify(seen)}.`);
  return { ...first, connections: clients.length, version: installedVersion() };
}

/** @param {pg.PoolClient} client */
async function readSettings(client) {
  const columns = ["server_version", ...SETTINGS].map((name) => `current_setting('${name}') AS ${name}`);
  const { rows } = await client.query(`SELECT ${columns.join(", ")}`);
  const settings = rows[0];
  const server = settings.server_version.split(" ")[0];
  return {
    durability: `PostgreSQL ${server}, ${SETTINGS.map((name) => `${name}=${settings[name]}`).join(", ")}`,
    server,
    fsync: settings.fsync,
    synchronousCommit: settings.synchronous_commit,
    fullPageWrites: settings.full_page_writes,
    walSyncMethod: settings.wal_sync_method,
  };
}

function installedVersion() {
  const manifest = new URL("../package.json", import.meta.resolve("@event-driven-io/emmett-postgresql"));
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}
