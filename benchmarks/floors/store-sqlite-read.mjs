// The floor of reads from the SQLite store: its own tables by hand with better-sqlite3. A read parses its data; a catch-up is a scan in pages that lets the loop turn
// between two.
import Database from "better-sqlite3";

const COLUMNS = "position, stream_id, version, type, schema_version, time, id, content_type, metadata, data";
/** @param {any} row */
const positionOf = (row) => row[0];
/** @param {any} row */
const dataOf = (row) => JSON.parse(row[9]);

/**
 * Opens the file of a store.
 * @param {string} file
 */
export function openReadFloor(file) {
  const database = new Database(file, { readonly: true });
  database.pragma("cache_size = -32768");
  const selectStream = database.prepare("SELECT id FROM streams WHERE name = ?").pluck();
  const selectEvents = database.prepare(`SELECT ${COLUMNS} FROM events WHERE stream_id = ? ORDER BY version`).raw();
  // A bare parameter as a limit would have SQLite plan the statement anew for each page.
  const selectPage = database.prepare(`SELECT ${COLUMNS} FROM events WHERE position >= ? ORDER BY position LIMIT ? + 0`).raw();

  return {
    /**
     * The parsed data of a stream's events.
     * @param {string} stream
     */
    read(stream) {
      return selectEvents.all(selectStream.get(stream)).map((row) => dataOf(row));
    },
    /**
     * Scans the log in pages and hands out the parsed data of each event.
     * @param {number} pageEvents
     * @param {(data: { amountCents: number }) => void} onData
     */
    async scan(pageEvents, onData) {
      for (let from = 0; ;) {
        const rows = selectPage.all(from, pageEvents);
        for (const row of rows) onData(dataOf(row));
        if (rows.length < pageEvents) return;
        from = positionOf(rows.at(-1)) + 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    close: () => database.close(),
  };
}
