import { PostgreSQLEventStoreDefaultStreamVersion } from "@event-driven-io/emmett-postgresql";
import pg from "pg";
import { callEach, DATA, nameOf, streamOf, TYPE } from "./load.mjs";

const OBSERVED_APPENDS = 512;

/** @typedef {import("./emmett-store.mjs").Store} Store */

/**
 * Appends events, the expected version of the stream always given; every caller waits for its append before it starts the next.
 *
 * @param {Store} store
 * @param {object} work
 * @param {string} work.category
 * @param {number} work.events at most
 * @param {number} work.eventsPerAppend
 * @param {number} work.seconds at most
 * @param {number} work.callers
 * @param {(position: bigint) => Promise<void>} [work.onAppended] sees the position of each append's last event as soon as it is answered
 * @returns {Promise<{ count: number; ms: number }>} how many appends
 */
export function appendEach(store, { category, events, eventsPerAppend, seconds, callers, onAppended }) {
  const versions = new Map();
  const calls = Math.floor(events / eventsPerAppend);
  return callEach({ calls, callers, seconds }, async (index) => {
    const stream = streamOf(index, eventsPerAppend);
    const expectedStreamVersion = versions.get(stream) ?? PostgreSQLEventStoreDefaultStreamVersion;
    const batch = Array.from({ length: eventsPerAppend }, () => ({ type: TYPE, data: DATA }));
    const result = await store.appendToStream(nameOf(category, stream), batch, { expectedStreamVersion });
    versions.set(stream, result.nextExpectedStreamVersion);
    await onAppended?.(result.lastEventGlobalPosition);
  });
}

/**
 * Throws unless the database holds so many events of a category, with their payload and with versions without a gap, and their streams say the same.
 *
 * @param {pg.Pool} pool
 * @param {string} category
 * @param {number} expected
 */
export async function verifyEvents(pool, category, expected) {
  const { rows } = await pool.query(
    `SELECT count(*) AS events, sum((message_data->>'amountCents')::bigint) AS cents, count(DISTINCT (stream_id, stream_position)) AS versions,
            (SELECT sum(stream_position) FROM emt_streams WHERE stream_type = $1) AS lasts
       FROM emt_messages WHERE stream_id LIKE $1 || '-%'`,
    [category],
  );
  const found = Object.fromEntries(Object.entries(rows[0]).map(([name, value]) => [name, Number(value)]));
  if (found.events === expected && found.versions === expected && found.lasts === expected && found.cents === expected * DATA.amountCents)
    return;
  throw new Error(`The store answered ${expected} events, and its database holds something else: ${JSON.stringify(found)}.`);
}

/**
 * How many appends, of a few hundred, were answered when another connection did not see their events yet: what is not committed is not durable.
 *
 * @param {Store} store
 * @param {pg.Pool} pool of the store, for its settings
 * @param {import("./parse-arguments.mjs").Options} options
 * @returns {Promise<number>}
 */
export async function countAnsweredTooEarly(store, pool, options) {
  const observer = new pg.Client({ connectionString: pool.options.connectionString });
  await observer.connect();
  let early = 0;
  const onAppended = async (position) => {
    const { rowCount } = await observer.query("SELECT 1 FROM emt_messages WHERE global_position = $1", [String(position)]);
    if (rowCount === 0) early++;
  };
  const events = OBSERVED_APPENDS * options.eventsPerAppend;
  await appendEach(store, { ...options, category: "observed", events, seconds: 10, onAppended });
  await observer.end();
  return early;
}
