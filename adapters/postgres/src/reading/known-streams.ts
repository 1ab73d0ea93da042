import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { Names } from "../schema/names.ts";
import { COLUMNS, filterConditions, FILTER_WINDOW, largestEvent, type PageEvents } from "./page-query.ts";
import type { Parameters } from "./parameters.ts";

/** Streams that pages are asked of: pieces of their statements. */

/** What is looked up of the stream of a name: its last version; what there is to know beside only where something is said or was done. */
export function lookedUp(name: string, { of }: Names): string {
  return (
    `(SELECT version FROM ${of("events")} WHERE stream = ${name} COLLATE "C" ORDER BY version DESC LIMIT 1) AS last_version, ` +
    `CASE WHEN (SELECT true FROM ${of("streams")} k WHERE k.name = ${name} COLLATE "C" LIMIT 1) ` +
    `THEN (SELECT ARRAY[x.last_version::text, x.first_shown::text, x.state] FROM ${of("stream_ends")}(${name}, NULL) x) END AS told`
  );
}

/** A table of what is asked for, which `asked` selects, with what each stream is. */
export function knownStreams(table: string, asked: string, columns: readonly string[]): string {
  return (
    `a AS MATERIALIZED (${asked}), ` +
    `${table} AS MATERIALIZED (SELECT page, ${columns.join(", ")}, coalesce(told[1]::bigint, last_version) AS last_version, ` +
    "coalesce(told[2]::bigint, 0) AS first_shown, " +
    "coalesce(told[3], CASE WHEN last_version IS NULL THEN 'missing' ELSE 'live' END) AS state FROM a)"
  );
}

/** The events of a page of a stream of the table `s`. */
export function streamEvents(
  { direction, filter }: Pick<PageRequest, "direction" | "filter">,
  names: Names,
  parameters: Parameters,
): PageEvents {
  const isForwards = direction === "forwards";
  const order = `ORDER BY version ${isForwards ? "ASC" : "DESC"}`;
  const first = isForwards ? "greatest(s.start, s.first_shown)" : "s.first_shown";
  const last = isForwards ? "s.last_version" : "least(s.start, s.last_version)";
  const window = isForwards ? `version < ${first} + ${FILTER_WINDOW}` : `version > ${last} - ${FILTER_WINDOW}`;
  const conditions = [
    "s.state = 'live'",
    'stream = s.name COLLATE "C"',
    `version BETWEEN ${first} AND ${last}`,
    ...(filter === undefined ? [] : [window]),
    ...filterConditions(filter ?? {}, names, parameters),
  ];
  const events = `SELECT ${COLUMNS} FROM ${names.of("events")} WHERE ${conditions.join(" AND ")} ${order} LIMIT s.most`;
  return { events, order, bytes: "s.bytes", mostBytes: `s.most * ${largestEvent(names)}` };
}
