import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { Names } from "../schema/names.ts";
import { headOf } from "../schema/parts.ts";
import { packed, type PackedQuery } from "./packed-events.ts";
import { COLUMNS, filterConditions, FILTER_WINDOW, fittingIn, largestEvent, type PageEvents } from "./page-query.ts";
import { Parameters } from "./parameters.ts";

/** What a page of one stream asks for. */
export interface StreamPage {
  readonly stream: string;
  readonly from: number | "end";
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/**
 * The statement of pages of several streams in one direction. Its rows belong to one moment, one for each page, in no order: the number of the page, from 1, what
 * the stream is, the head of the log; and the events, packed, in the order of reading, as many as are asked for and one more.
 */
export function streamPagesQuery(
  pages: readonly StreamPage[],
  request: Pick<PageRequest, "direction" | "filter">,
  names: Names,
): PackedQuery {
  const parameters = new Parameters();
  // Of a list behind a SELECT the server does not know the length: a plan for any length seems dearer to it than one for few pages, so that it would plan anew with
  // each statement, which takes longer than to read.
  const list = (type: string, valueOf: (page: StreamPage) => unknown): string =>
    `(SELECT ${parameters.add(pages.map(valueOf))}::${type}[])`;
  const asked = [
    list("text", ({ stream }) => stream),
    list("bigint", ({ from }) => (from === "end" ? Number.MAX_SAFE_INTEGER : from)),
    list("bigint", ({ maxEvents }) => maxEvents + 1),
    list("bigint", ({ maxBytes }) => maxBytes),
  ];
  const page = fittingIn(eventsOf(request, names, parameters));
  const text = (escapes: boolean): string =>
    `WITH a AS MATERIALIZED (${streamsOf(asked.join(", "), names)}), ` +
    "s AS MATERIALIZED (SELECT page, name, start, most, bytes, coalesce(told[1]::bigint, last_version) AS last_version, " +
    "coalesce(told[2]::bigint, 0) AS first_shown, " +
    "coalesce(told[3], CASE WHEN last_version IS NULL THEN 'missing' ELSE 'live' END) AS state FROM a) " +
    `SELECT page, last_version, state, first_shown, (SELECT ${headOf(names.of)}), p.* ` +
    `FROM s CROSS JOIN LATERAL (SELECT ${packed(escapes)} FROM (${page}) f) p`;
  return { text, values: parameters.values };
}

/** The streams that are asked for, each with its last version; what there is to know beside only where something is said or was done. */
function streamsOf(asked: string, { of }: Names): string {
  return (
    "SELECT u.*, (SELECT version FROM " +
    `${of("events")} WHERE stream = u.name COLLATE "C" ORDER BY version DESC LIMIT 1) AS last_version, ` +
    `CASE WHEN (SELECT true FROM ${of("streams")} k WHERE k.name = u.name COLLATE "C" LIMIT 1) ` +
    `THEN (SELECT ARRAY[x.last_version::text, x.first_shown::text, x.state] FROM ${of("stream_ends")}(u.name, NULL) x) END AS told ` +
    `FROM unnest(${asked}) WITH ORDINALITY u (name, start, most, bytes, page)`
  );
}

function eventsOf({ direction, filter }: Pick<PageRequest, "direction" | "filter">, names: Names, parameters: Parameters): PageEvents {
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
