import { DATA, STREAM_EVENTS, TYPE } from "./load.mjs";

/** What the store files events under unless told otherwise. */
const PARTITION = "emt:default";

/**
 * Fills the store's own tables with so many events in streams of ten, one stream after another, generated inside the server, and has the planner look at them.
 *
 * @param {import("pg").Pool} pool
 * @param {number} events
 */
export async function writeHistory(pool, events) {
  const streams = Math.ceil(events / STREAM_EVENTS);
  await pool.query(
    `INSERT INTO emt_streams (stream_id, stream_position, partition, stream_type, stream_metadata, is_archived)
     SELECT 'account-' || lpad(n::text, 6, '0'), $2, $3, 'account', '{}', FALSE FROM generate_series(0, $1::int - 1) AS n`,
    [streams, STREAM_EVENTS, PARTITION],
  );
  await pool.query(
    `INSERT INTO emt_messages
       (stream_id, stream_position, partition, message_data, message_metadata, message_schema_version, message_type, message_kind, message_id, transaction_id)
     SELECT 'account-' || lpad((n / $2::int)::text, 6, '0'), n % $2::int + 1, $3, $4, '{}', '1', $5, 'E', gen_random_uuid()::text, pg_current_xact_id()
       FROM generate_series(0, $1::int - 1) AS n`,
    [events, STREAM_EVENTS, PARTITION, JSON.stringify(DATA), TYPE],
  );
  await pool.query("VACUUM ANALYZE emt_messages");
  await pool.query("VACUUM ANALYZE emt_streams");
}
