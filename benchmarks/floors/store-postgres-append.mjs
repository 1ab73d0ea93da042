// The floor of appends to the PostgreSQL store: the same rows by hand with pg, into a table with the same indexes and with the same durability. It knows the version of
// each stream from a Map, and checks nothing; positions come from the server as they will, with gaps and out of order.
import { connect, createTable, dropTable, readDurability } from "./store-postgres-table.mjs";

/** @typedef {{ id: string; type: string; schemaVersion: number; data: string | Uint8Array; metadata: string }} NewEvent */
/** @typedef {{ stream: string; events: readonly NewEvent[] }} Append */

/**
 * Opens a new table over so many connections.
 *
 * @param {import("./store-postgres-table.mjs").Place} place
 * @param {number} connections
 */
export async function openAppendFloor({ url, schema }, connections) {
  const clients = await Promise.all(Array.from({ length: connections }, () => connect(url)));
  const [first] = clients;
  if (first === undefined) throw new RangeError("A floor without a connection: give at least one.");
  await createTable(first, schema);
  const target = `${schema}.events (stream, version, category, type, schema_version, time, id, metadata, data)`;
  const insertOne = `INSERT INTO ${target} VALUES ($1, $2, $3, $4, $5, now(), $6, $7, $8)`;
  const insertAll =
    `INSERT INTO ${target} SELECT stream, version, category, type, schema_version, now(), id, metadata, data ` +
    "FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::int[], $6::uuid[], $7::text[], $8::text[]) " +
    "AS event (stream, version, category, type, schema_version, id, metadata, data)";
  /** @type {Map<string, number>} */
  const versions = new Map();

  /** @param {Append} append */
  function rowsOf({ stream, events }) {
    const last = versions.get(stream) ?? -1;
    versions.set(stream, last + events.length);
    const category = stream.slice(0, stream.indexOf("-"));
    return events.map(({ id, type, schemaVersion, data, metadata }, index) => {
      return [stream, last + 1 + index, category, type, schemaVersion, id, metadata, data];
    });
  }

  return {
    durability: await readDurability(first),
    /**
     * Inserts events one by one, a transaction each; each connection makes every `connections`-th append, when its last one is answered.
     *
     * @param {readonly Append[]} appends
     */
    async appendEach(appends) {
      const insert = async (/** @type {import("pg").Client} */ client, /** @type {number} */ caller) => {
        const own = appends.filter((_, index) => index % connections === caller);
        for (const append of own) {
          for (const values of rowsOf(append)) await client.query({ name: "insert one", text: insertOne, values });
        }
      };
      await Promise.all(clients.map(insert));
    },
    /**
     * Inserts the events of appends with one statement, in one transaction.
     *
     * @param {readonly Append[]} appends
     */
    async appendAll(appends) {
      const rows = appends.flatMap(rowsOf);
      const values = Array.from({ length: 8 }, (_, column) => rows.map((row) => row[column]));
      await first.query({ name: "insert all", text: insertAll, values });
    },
    /** How many events there are. */
    async count() {
      const { rows } = await first.query(`SELECT count(*)::int AS events FROM ${schema}.events`);
      return Number(rows[0].events);
    },
    /** Drops the table. */
    async close() {
      await dropTable(first, schema);
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}
