import type { Snapshot } from "@reactive-domain/persistence";
import type { WantedSnapshot } from "@reactive-domain/persistence/adapter";
import type { TextRow } from "../database.ts";
import type { Names } from "../schema/names.ts";
import { selectedSnapshot, SNAPSHOT_COLUMNS, snapshotOf } from "../snapshot-row.ts";

/** How pages of streams begin behind snapshots: pieces of their statement. */

const named = (column: string): string => `snapshot_${column}`;

/** The columns of what a page wants, with their types. */
export const WANTED: Readonly<Record<string, readonly [type: string, key: keyof WantedSnapshot]>> = {
  wanted_schema: ["bigint", "schemaVersion"],
  unless_recorded: ["uuid", "unlessRecorded"],
  max_version: ["bigint", "maxVersion"],
};

/** What pages want, as lists to be unnested, each with the name of its column; nulls for pages that want none. */
export function wantedSnapshots(
  wanted: readonly (WantedSnapshot | undefined)[],
  list: (type: string, values: readonly unknown[]) => string,
): Readonly<Record<string, string>> {
  const lists = Object.entries(WANTED).map(([column, [type, key]]) => [
    column,
    list(
      type,
      wanted.map((one) => one?.[key] ?? null),
    ),
  ]);
  return Object.fromEntries(lists) as Readonly<Record<string, string>>;
}

/**
 * Pages, of streams that are known by then, that begin behind the snapshots which they want, where `snapshotToUse` would use them. An event is looked up by its id: a comparison by
 * another collation cannot have the planner go through its stream. `others` are columns that they have beside.
 */
export function beginningBehind(pages: string, { of }: Names, others: readonly string[] = []): string {
  const recorded =
    `SELECT e.version FROM ${of("events")} e WHERE e.id = ${pages}.unless_recorded AND e.stream = ${pages}.name COLLATE "POSIX" ` +
    "ORDER BY e.version LIMIT 1";
  const fitting = [
    `n.name = ${pages}.name COLLATE "C"`,
    `n.schema_version = ${pages}.wanted_schema`,
    `${pages}.state = 'live'`,
    `n.version <= least(${pages}.last_version, ${pages}.max_version)`,
    `coalesce((${recorded}) > n.version, true)`,
  ];
  const snapshot = `SELECT ${SNAPSHOT_COLUMNS.map((column) => `n.${column} AS ${named(column)}`).join(", ")} FROM ${of("snapshots")} n WHERE ${fitting.join(" AND ")} LIMIT 1`;
  return (
    `SELECT page, name, greatest(start, ${named("version")} + 1) AS start, most, bytes, last_version, first_shown, state, ${others.map((column) => `${column}, `).join("")}n.* ` +
    `FROM ${pages} LEFT JOIN LATERAL (${snapshot}) n ON true`
  );
}

/** What selects the snapshots of such pages, to be read by {@link readSnapshot}. */
export const SELECTED_SNAPSHOT: string = selectedSnapshot(named);

/** How many columns they have in a row. */
export const SNAPSHOT_WIDTH = SNAPSHOT_COLUMNS.length;

/** The snapshot of a name whose columns begin somewhere in a row, if the row has one. */
export function readSnapshot(name: string, row: TextRow, from: number): Snapshot | undefined {
  const columns = row.slice(from, from + SNAPSHOT_WIDTH);
  return columns[0] === null ? undefined : snapshotOf(name, columns);
}
