/**
 * What functions pin. Plans made while tables are small would be kept when they are large; a plan for each call would take several times as long as its run, and
 * so would compiling it.
 */
export const PINNED =
  "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off";

/** Has a transaction flushed to the disk before it is acknowledged, where the server would not. */
export const FLUSHED =
  "IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;";
