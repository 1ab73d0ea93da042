import type { Names } from "./names.ts";
import { NOW_MS } from "./parts.ts";

/** How a write forgets what is older, of the writes that are remembered, than any connection is waited for: a piece of the function `write`, and its variables. */
export interface Forgetting {
  readonly variables: string;
  readonly forget: (of: Names["of"]) => string;
}

const REMEMBERED_MS = 3_600_000;
/** The ids of groups begin with the milliseconds of their time. */
const OLDEST_ID = `(lpad(to_hex(${NOW_MS} - ${REMEMBERED_MS}), 12, '0') || repeat('0', 20))::uuid`;
/** So many at a time: a write that forgets does not take much longer than others. It is far more than are written between two such writes. */
const MOST_FORGOTTEN = 1_000;

/** As stores were made by the fourth migration: all that is old, by a look at each that is remembered, since the time is asked for row by row. */
export const FORGETS_ALL: Forgetting = {
  variables: "",
  forget: (of) => `DELETE FROM ${of("recent_writes")} WHERE id < ${OLDEST_ID};`,
};

/** Some of what is old, from the oldest on, by the index. */
export const FORGETS_SOME: Forgetting = {
  variables: `
  v_oldest uuid;`,
  forget: (of) => `
      v_oldest := ${OLDEST_ID};
      DELETE FROM ${of("recent_writes")}
        WHERE id IN (SELECT r.id FROM ${of("recent_writes")} r WHERE r.id < v_oldest ORDER BY r.id LIMIT ${MOST_FORGOTTEN});
   `,
};
