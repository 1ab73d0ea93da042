import { createEventStoreSchema, getSQLiteEventStore, sqliteConnection } from "@event-driven-io/emmett-sqlite";

const SYNCHRONOUS = ["OFF", "NORMAL", "FULL", "EXTRA"];

/**
 * The settings of a connection, read back from it.
 *
 * @typedef {object} Durability
 * @property {string} durability in words, to compare
 * @property {string} journalMode
 * @property {string} synchronous
 * @property {number} walAutocheckpoint pages
 * @property {string} sqlite the version of the library
 */

/**
 * Opens Emmett's store on a new file, with its tables made.
 *
 * `shared` hands it one connection for all appends; with `per-append`, its default for a file, it opens and closes one for every call.
 *
 * @param {string} fileName
 * @param {string} kind
 */
export async function openEmmettStore(fileName, kind) {
  const connection = sqliteConnection({ fileName });
  await connection.command("PRAGMA synchronous = FULL");
  await createEventStoreSchema(connection);
  /** @type {{ autoMigration: "None" }} */
  const schema = { autoMigration: "None" };
  if (kind === "shared") {
    const store = getSQLiteEventStore({ fileName, schema, connectionOptions: { singleton: true, connection } });
    return { store, connection, close: () => connection.close() };
  }
  connection.close();
  return { store: getSQLiteEventStore({ fileName, schema }), close: () => undefined };
}

/**
 * What holds where the events were written: asked of the shared connection, or, where every append has one of its own, of that of one more append to a
 * stream of its own, by the hook before its commit.
 *
 * @param {string} fileName
 * @param {import("@event-driven-io/emmett-sqlite").SQLiteConnection} [connection]
 * @returns {Promise<Durability>}
 */
export async function readDurability(fileName, connection) {
  if (connection !== undefined) return askConnection(connection);
  /** @type {Durability | undefined} */
  let durability;
  const onBeforeCommit = async (_events, context) => {
    durability = await askConnection(context.connection);
  };
  await getSQLiteEventStore({ fileName, schema: { autoMigration: "None" }, hooks: { onBeforeCommit } }).appendToStream("probe-1", [
    { type: "Probed", data: {} },
  ]);
  if (durability === undefined) throw new Error("The hook before the commit was not called, so that the durability is unknown.");
  return durability;
}

/**
 * @param {import("@event-driven-io/emmett-sqlite").SQLiteConnection} connection
 * @returns {Promise<Durability>}
 */
async function askConnection(connection) {
  const ask = async (sql) => Object.values((await connection.querySingle(sql)) ?? {})[0];
  const journalMode = String(await ask("PRAGMA journal_mode"));
  const synchronous = SYNCHRONOUS[await ask("PRAGMA synchronous")] ?? "unknown";
  return {
    durability: `SQLite, journal_mode=${journalMode}, synchronous=${synchronous}`,
    journalMode,
    synchronous,
    walAutocheckpoint: Number(await ask("PRAGMA wal_autocheckpoint")),
    sqlite: String(await ask("SELECT sqlite_version()")),
  };
}
