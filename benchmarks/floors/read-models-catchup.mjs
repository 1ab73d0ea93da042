// The floor of catch-ups: the same events by hand, read in pages from the store's own tables in the order of the log, with all columns; each row's JSON is parsed and folded
// by a switch over its type into a Map of balances. No classes, no instances, no metadata, no checks, and nothing that follows the log once its end is reached.
import Database from "better-sqlite3";
import { connect } from "./store-postgres-table.mjs";

// An id as digits: a buffer for each row would make the scan slower by a third.
const SQLITE_COLUMNS = "position, stream_id, version, type, schema_version, time, hex(id), content_type, metadata, data";
const POSTGRES_COLUMNS = "position, stream, version, type, schema_version, time, id, content_type, metadata, data, bytes";
const [POSITION, TYPE, DATA] = [0, 3, 9];
const AS_IT_COMES = { getTypeParser: () => (/** @type {unknown} */ value) => value };

/** @typedef {Map<string, number>} Balances */
/** @typedef {{ readonly category: string; readonly pageEvents: number }} Pages */

/**
 * Folds rows.
 *
 * @param {Balances} balances
 * @param {readonly any[][]} rows
 */
function fold(balances, rows) {
  for (const row of rows) {
    const event = JSON.parse(row[DATA]);
    switch (row[TYPE]) {
      case "AccountOpened":
        balances.set(event.accountId, 0);
        break;
      case "AmountDeposited":
        balances.set(event.accountId, (balances.get(event.accountId) ?? 0) + event.amountCents);
        break;
      case "AmountWithdrawn":
        balances.set(event.accountId, (balances.get(event.accountId) ?? 0) - event.amountCents);
        break;
    }
  }
}

/**
 * The balances of a file; the loop turns between two pages.
 *
 * @param {string} file
 * @param {Pages} pages
 */
export async function foldSqlite(file, { category, pageEvents }) {
  const database = new Database(file, { readonly: true });
  database.pragma("cache_size = -32768");
  // A bare parameter as a limit would have SQLite plan the statement anew for each page.
  const select = database
    .prepare(`SELECT ${SQLITE_COLUMNS} FROM events WHERE category = ? AND position >= ? ORDER BY position LIMIT ? + 0`)
    .raw();
  /** @type {Balances} */
  const balances = new Map();
  for (let from = 0; ;) {
    const rows = /** @type {any[][]} */ (select.all(category, from, pageEvents));
    fold(balances, rows);
    if (rows.length < pageEvents) break;
    from = rows.at(-1)?.[POSITION] + 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  database.close();
  return balances;
}

/**
 * The balances of a schema of a server, whose columns are left as the text that comes over the wire; the next page is asked for before this one is folded.
 *
 * @param {{ readonly url: string; readonly schema: string }} place
 * @param {Pages} pages
 */
export async function foldPostgres({ url, schema }, { category, pageEvents }) {
  const client = await connect(url);
  const text = `SELECT ${POSTGRES_COLUMNS} FROM ${schema}.events WHERE category = $1 AND position >= $2 ORDER BY position LIMIT $3`;
  /**
   * @param {number} from
   * @returns {Promise<any[][]>}
   */
  const pageFrom = async (from) => {
    const query = {
      name: "select page",
      text,
      values: [category, from, pageEvents],
      rowMode: /** @type {const} */ ("array"),
      types: AS_IT_COMES,
    };
    const { rows } = await client.query(query);
    return rows;
  };
  /** @type {Balances} */
  const balances = new Map();
  for (let page = pageFrom(0); ;) {
    const rows = await page;
    const isLast = rows.length < pageEvents;
    if (!isLast) page = pageFrom(Number(rows.at(-1)?.[POSITION]) + 1);
    fold(balances, rows);
    if (isLast) break;
  }
  await client.end();
  return balances;
}
