import type { Names } from "./names.ts";

/** Pieces of SQL that several functions have. */

/**
 * What functions pin. Plans made while tables are small would be kept when they are large; a plan for each call would take several times as long as its run, and
 * so would compiling it.
 */
export const PINNED =
  "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off";

/** The time by the server's clock, in milliseconds since 1970. */
export const NOW_MS = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/** The position of the last event ever written, or -1. */
export function headOf(of: Names["of"]): string {
  return `greatest((SELECT max(h.position) FROM ${of("events")} h), (SELECT head_position FROM ${of("log")} WHERE one))`;
}

/** What an event has in data and metadata, in bytes. */
export const EVENT_BYTES = "octet_length(metadata) + coalesce(octet_length(bytes), octet_length(data))";

/** What of the size of the largest event is noted: a power of 2, so that it is seldom written. */
export function notedBytes(bytes: string): string {
  return `(2 ^ ceil(log(2, ${bytes}::numeric)))::bigint`;
}

/** Notes the size of the largest event, in a function that holds the lock of the log. */
export function noteEventBytes(of: Names["of"], bytes: string, noted: string): string {
  return `IF ${bytes} > ${noted} THEN
    UPDATE ${of("log")} SET max_event_bytes = ${notedBytes(bytes)} WHERE one;
  END IF;`;
}

/** Has a transaction flushed to the disk before it is acknowledged, where the server would not. */
export const FLUSHED =
  "IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;";

/** Makes sure of what the promises rest on, and takes the lock of the log. */
export function lockLog({ lockKey }: Names): string {
  return `IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'transaction isolation is %', current_setting('transaction_isolation') USING ERRCODE = 'RDI01';
  END IF;
  ${FLUSHED}
  PERFORM pg_advisory_xact_lock(${lockKey});`;
}
