/** What functions pin: plans made while tables are small would be kept when they are large, and compiling a plan takes longer than running it. */
export const PINNED =
  "SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off";
