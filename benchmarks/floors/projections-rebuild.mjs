// The floor of rebuilding a projection of documents: `projections-rebuild.mjs STORE TARGET CATEGORY`. The events of a store's own file, in pages in the order of the log with the
// columns that the fold needs, each row's JSON parsed and folded by a switch over its type into a Map of documents; behind every 10,000 events the documents that have changed
// are written to a table of a new file, with the position, in one durable transaction. It ends with a line of JSON.
import Database from "better-sqlite3";
import { openDurableDatabase } from "./open-durable-database.mjs";

const PAGE_EVENTS = 250;
const COMMIT_EVENTS = 10_000;
const [POSITION, TYPE, DATA] = [0, 1, 2];
const SCHEMA = `
  CREATE TABLE documents (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;
`;

/** @typedef {{ readonly accountId: string; readonly owner: string; readonly balanceCents: number; readonly changes: number }} Document */

const [store = "", target = "", category = ""] = process.argv.slice(2);
const source = new Database(store, { readonly: true, fileMustExist: true });
source.pragma("cache_size = -32768");
// A bare parameter as a limit would have SQLite plan the statement anew for each page.
const select = source
  .prepare("SELECT position, type, data FROM events WHERE category = ? AND position >= ? ORDER BY position LIMIT ? + 0")
  .raw();
const { database, durability } = openDurableDatabase(target, SCHEMA);
const put = database.prepare(
  "INSERT INTO documents (key, document) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET document = excluded.document",
);
const move = database.prepare(
  "INSERT INTO checkpoint (id, position) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET position = excluded.position",
);
/** @type {Map<string, Document>} */
const documents = new Map();
/** @type {Set<string>} */
const changed = new Set();

const commit = database.transaction((/** @type {number} */ position) => {
  for (const key of changed) put.run(key, JSON.stringify(documents.get(key)));
  move.run(position);
  changed.clear();
});

const startMs = performance.now();
const count = rebuild();
const ms = performance.now() - startMs;
const kept = database.prepare("SELECT count(*) AS documents, sum(document ->> 'balanceCents') AS cents FROM documents").get();
source.close();
database.close();
process.stdout.write(`${JSON.stringify({ count, ms, durability, ...kept })}\n`);

/** How many events there were. */
function rebuild() {
  let [handled, uncommitted] = [0, 0];
  for (let from = 0; ;) {
    const rows = /** @type {any[][]} */ (select.all(category, from, PAGE_EVENTS));
    for (const row of rows) fold(row);
    handled += rows.length;
    uncommitted += rows.length;
    from = rows.length === 0 ? from : rows.at(-1)?.[POSITION] + 1;
    const isLast = rows.length < PAGE_EVENTS;
    if (uncommitted >= COMMIT_EVENTS || (isLast && uncommitted > 0)) {
      commit.immediate(from - 1);
      uncommitted = 0;
    }
    if (isLast) return handled;
  }
}

/** @param {any[]} row */
function fold(row) {
  const event = JSON.parse(row[DATA]);
  const key = event.accountId;
  const before = documents.get(key) ?? { accountId: key, owner: "", balanceCents: 0, changes: 0 };
  changed.add(key);
  documents.set(key, evolve(before, row[TYPE], event));
}

/**
 * @param {Document} document
 * @param {string} type
 * @param {any} event
 * @returns {Document}
 */
function evolve(document, type, event) {
  switch (type) {
    case "AccountOpened":
      return { ...document, owner: event.owner };
    case "AmountDeposited":
      return { ...document, balanceCents: document.balanceCents + event.amountCents, changes: document.changes + 1 };
    case "AmountWithdrawn":
      return { ...document, balanceCents: document.balanceCents - event.amountCents, changes: document.changes + 1 };
    default:
      return document;
  }
}
