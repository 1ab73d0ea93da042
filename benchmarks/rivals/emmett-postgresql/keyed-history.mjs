import { DATA, TYPE } from "./load.mjs";

const KEYS = 10_000;
/** How many events a key has in a row: a log in which all grow together. */
const TURN_EVENTS = 10;
/** What the store files events under unless told otherwise. */
const PARTITION = "emt:default";

/**
 * How many keys so many events are of.
 *
 * @param {number} events
 */
export function keysOf(events) {
  return Math.min(KEYS, Math.ceil(events / TURN_EVENTS));
}

/**
 * Fills the store's own tables with so many events of 10,000 streams, which take turns of ten events each, generated inside the server, and has the planner look at them.
 *
 * @param {import("pg").Pool} pool
 * @param {number} events
 */
export async function writeKeyedHistory(pool, events) {
  const keys = keysOf(events);
  await pool.query(
    `INSERT INTO emt_streams (stream_id, stream_position, partition, stream_type, stream_metadata, is_archived)
     SELECT 'account-' || lpad(n::text, 6, '0'), $2, $3, 'account', '{}', FALSE FROM generate_series(0, $1::int - 1) AS n`,
    [keys, Math.ceil(events / keys), PARTITION],
  );
  await pool.query(
    `INSERT INTO emt_messages
       (stream_id, stream_position, partition, message_data, message_metadata, message_schema_version, message_type, message_kind, message_id, transaction_id)
     SELECT 'account-' || key, version, $4, json_build_object('accountId', key, 'amountCents', $5::int), '{}', '1', $6, 'E', gen_random_uuid()::text, pg_current_xact_id()
       FROM (SELECT n, lpad((n / $2::int % $3::int)::text, 6, '0') AS key, n / ($2::int * $3::int) * $2::int + n % $2::int + 1 AS version
               FROM generate_series(0, $1::int - 1) AS n) AS numbered ORDER BY n`,
    [events, TURN_EVENTS, keys, PARTITION, DATA.amountCents, TYPE],
  );
  await pool.query("VACUUM ANALYZE emt_messages");
  await pool.query("VACUUM ANALYZE emt_streams");
}
