/** How a claim looks at what its consumer holds already. `v_held` is whether it holds anything, `v_trials` whether that is a suspect. */
export interface Holding {
  look(entries: string): string;
  /** What is done when something joins what it holds, and when it gets something alone. */
  readonly joins: string;
  readonly isFirst: string;
}

const OF_CONSUMER = `WHERE group_id = v_group AND consumer = p_consumer COLLATE "C"`;

/** Counts all of it. */
export const COUNTS_ALL: Holding = {
  look: (entries) => `SELECT count(*), count(*) FILTER (WHERE is_suspect) INTO v_held, v_trials FROM ${entries}
    ${OF_CONSUMER};`,
  joins: "v_held > 0",
  isFirst: "v_count = 1",
};

/** Looks at two: of more none is a suspect, and none is alone any more. */
export const LOOKS_AT_TWO: Holding = {
  look: (entries) => `SELECT count(*), count(*) FILTER (WHERE is_suspect) INTO v_held, v_trials
    FROM (SELECT is_suspect FROM ${entries} ${OF_CONSUMER} LIMIT 2) held;`,
  joins: "v_held = 1",
  isFirst: "v_held = 0 AND v_count = 1",
};
