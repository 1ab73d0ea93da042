import { performance } from "node:perf_hooks";
import { sqliteConnection, SQLiteEventStoreDefaultStreamVersion } from "@event-driven-io/emmett-sqlite";

/** How many streams the events are spread over; the number of callers divides it, so that no two write one stream. */
export const STREAMS = 1_024;
const DATA = { accountId: "account-000001", amountCents: 12_345 };

/** @typedef {import("@event-driven-io/emmett-sqlite").SQLiteEventStore} Store */

/**
 * Appends single events, the expected version of the stream always given; every caller waits for its append before it starts the next.
 *
 * @param {Store} store
 * @param {object} work
 * @param {string} work.category
 * @param {number} work.events at most
 * @param {number} work.seconds at most
 * @param {number} work.callers
 * @param {(position: bigint) => Promise<void>} [work.onAppended] sees the position of each event as soon as its append is answered
 * @returns {Promise<{ count: number; ms: number }>}
 */
export async function appendEach(store, { category, events, seconds, callers, onAppended }) {
  const versions = Array.from({ length: STREAMS }, () => SQLiteEventStoreDefaultStreamVersion);
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  let count = 0;
  const call = async (caller) => {
    for (let index = caller; index < events && performance.now() < endMs; index += callers) {
      const stream = index % STREAMS;
      const options = { expectedStreamVersion: versions[stream] };
      const name = `${category}-${String(stream).padStart(6, "0")}`;
      const result = await store.appendToStream(name, [{ type: "AmountDeposited", data: DATA }], options);
      versions[stream] = result.nextExpectedStreamVersion;
      count++;
      await onAppended?.(result.lastEventGlobalPosition);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return { count, ms: performance.now() - startMs };
}

/**
 * Throws unless the file holds so many events of a category, with their payload and with versions without a gap, as another connection sees it.
 *
 * @param {string} fileName
 * @param {string} category
 * @param {number} expected
 */
export async function verifyEvents(fileName, category, expected) {
  const found = await oneRow(
    fileName,
    `SELECT COUNT(*) AS events, TOTAL(json_extract(message_data, '$.amountCents')) AS cents,
            (SELECT TOTAL(last) FROM (SELECT MAX(stream_position) AS last FROM emt_messages WHERE stream_id LIKE ? GROUP BY stream_id)) AS versions
       FROM emt_messages WHERE stream_id LIKE ?`,
    [`${category}-%`, `${category}-%`],
  );
  if (found.events === expected && found.cents === expected * DATA.amountCents && found.versions === expected) return;
  throw new Error(`The store answered ${expected} appends, and its file holds something else: ${JSON.stringify(found)}.`);
}

/**
 * How many appends, of a few hundred, were answered when another connection did not see their events yet: what is not committed is not durable. A commit
 * that comes while the question is under way hides one, so that there may be more.
 *
 * @param {Store} store
 * @param {string} fileName
 * @param {number} callers
 * @returns {Promise<number>}
 */
export async function countAnsweredTooEarly(store, fileName, callers) {
  const observer = sqliteConnection({ fileName });
  let early = 0;
  const onAppended = async (position) => {
    const seen = await observer.querySingle("SELECT 1 FROM emt_messages WHERE global_position = ?", [Number(position)]);
    if (seen === null || seen === undefined) early++;
  };
  await appendEach(store, { category: "observed", events: 512, seconds: 10, callers, onAppended });
  observer.close();
  return early;
}

async function oneRow(fileName, sql, parameters) {
  const connection = sqliteConnection({ fileName });
  const row = await connection.querySingle(sql, parameters);
  connection.close();
  return row;
}
