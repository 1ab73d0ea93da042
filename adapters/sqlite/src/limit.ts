/**
 * In SQL, a bound limit. SQLite takes a bare parameter for a hint to its planner, and plans the statement anew each time that one is bound, which costs a page
 * 15 microseconds; of a sum it does not.
 */
export const LIMIT = "LIMIT ? + 0";
