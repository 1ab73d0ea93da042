import type { Names } from "./names.ts";
import { takeFromLogFunction } from "./take-from-log-function.ts";

/**
 * A claim takes nothing that was written to its stream behind the end of the log that it knows: the next claim would take it again, and fail. Groups that do are moved behind
 * what they have taken.
 */
export function claimsBesideAppends(names: Names): string {
  const [groups, entries] = [names.of("consumer_groups"), names.of("group_entries")];
  return `${takeFromLogFunction(names, "of-log").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")}
UPDATE ${groups} g SET next = e.last + 1
  FROM (SELECT group_id, max(position) AS last FROM ${entries} GROUP BY group_id) e WHERE e.group_id = g.id AND g.next <= e.last;
`;
}
