// The floor of reads from the PostgreSQL store: a table of events by hand with pg, its columns left as the text that comes over the wire. A read parses its data; a
// catch-up is a scan in pages that asks for the next page before it parses this one.
import { connect } from "./store-postgres-table.mjs";

const COLUMNS = "position, stream, version, type, schema_version, time, id, content_type, metadata, data, bytes";
const DATA = 9;
const AS_IT_COMES = { getTypeParser: () => (/** @type {unknown} */ value) => value };

/**
 * Opens a table of events, such as "schema.events", over so many connections; the calls of each go to the server without waiting for each other's answers.
 *
 * @param {{ url: string; table: string }} place
 * @param {number} connections
 */
export async function openReadFloor({ url, table }, connections) {
  const clients = await Promise.all(Array.from({ length: connections }, () => connect(url, { pipeline: true })));
  const selectStream = `SELECT ${COLUMNS} FROM ${table} WHERE stream = $1 ORDER BY version`;
  const selectPage = `SELECT ${COLUMNS} FROM ${table} WHERE position >= $1 ORDER BY position LIMIT $2`;
  let next = 0;

  /**
   * @param {{ name: string; text: string; values: unknown[] }} query
   * @returns {Promise<any[][]>}
   */
  async function rowsOf(query) {
    const client = /** @type {import("pg").Client} */ (clients.at(next++ % connections));
    const { rows } = await client.query({ ...query, rowMode: "array", types: AS_IT_COMES });
    return rows;
  }

  /** @param {any[]} row */
  const dataOf = (row) => JSON.parse(row[DATA]);
  const pageFrom = (/** @type {number} */ from, /** @type {number} */ events) => {
    return rowsOf({ name: "select page", text: selectPage, values: [from, events] });
  };

  return {
    /**
     * The parsed data of a stream's events.
     * @param {string} stream
     */
    async read(stream) {
      const rows = await rowsOf({ name: "select stream", text: selectStream, values: [stream] });
      return rows.map((row) => dataOf(row));
    },
    /**
     * Scans the log in pages and hands out the parsed data of each event; the loop turns between two pages.
     *
     * @param {number} pageEvents
     * @param {(data: { amountCents: number }) => void} onData
     */
    async scan(pageEvents, onData) {
      for (let page = pageFrom(0, pageEvents); ;) {
        const rows = await page;
        const isLast = rows.length < pageEvents;
        if (!isLast) page = pageFrom(Number(rows.at(-1)?.[0]) + 1, pageEvents);
        for (const row of rows) onData(dataOf(row));
        if (isLast) return;
      }
    },
    close: () => Promise.all(clients.map((client) => client.end())),
  };
}
