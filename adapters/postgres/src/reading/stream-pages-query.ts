import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { Names } from "../schema/names.ts";
import { headOf } from "../schema/parts.ts";
import { COLUMNS, filterConditions, FILTER_WINDOW, SHOWN, SIZE, withinBytes, type PageQuery } from "./page-query.ts";
import { Parameters } from "./parameters.ts";

/** What a page of one stream asks for. */
export interface StreamPage {
  readonly stream: string;
  readonly from: number | "end";
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/**
 * The statement of pages of several streams in one direction. Its rows belong to one moment: for each page one without a stream, with what the stream is; and its
 * events, in the order of reading, as many as are asked for and one more. All begin with the number of the page.
 */
export function streamPagesQuery(
  pages: readonly StreamPage[],
  request: Pick<PageRequest, "direction" | "filter">,
  names: Names,
): PageQuery {
  const parameters = new Parameters();
  const asked = [
    `${parameters.add(pages.map(({ stream }) => stream))}::text[]`,
    `${parameters.add(pages.map(({ from }) => (from === "end" ? Number.MAX_SAFE_INTEGER : from)))}::bigint[]`,
    `${parameters.add(pages.map(({ maxEvents }) => maxEvents + 1))}::bigint[]`,
    `${parameters.add(pages.map(({ maxBytes }) => maxBytes))}::bigint[]`,
  ];
  const { events, order } = eventsOf(request, names, parameters);
  const text =
    `WITH a AS MATERIALIZED (${streamsOf(asked.join(", "), names)}), ` +
    "s AS MATERIALIZED (SELECT page, name, start, most, bytes, coalesce(told[1]::bigint, last_version) AS last_version, " +
    "coalesce(told[2]::bigint, 0) AS first_shown, " +
    "coalesce(told[3], CASE WHEN last_version IS NULL THEN 'missing' ELSE 'live' END) AS state FROM a) " +
    `SELECT page, NULL::bigint, NULL::text, last_version, state, first_shown, (SELECT ${headOf(names.of)}), ` +
    "NULL::uuid, NULL::text, NULL::text, NULL::text, NULL::text FROM s UNION ALL " +
    `(SELECT page, e.* FROM s CROSS JOIN LATERAL (SELECT sum(${SIZE}) AS total FROM (${events}) r) t CROSS JOIN LATERAL (` +
    `SELECT ${SHOWN} FROM (${events}) r WHERE t.total <= s.bytes UNION ALL ` +
    // Sums as one goes cost more than all else: they are made only where they are needed.
    `(SELECT ${SHOWN} FROM (${withinBytes(events, order)}) b WHERE t.total > s.bytes AND total - size <= greatest(s.bytes, first_size) ${order})` +
    ") e WHERE s.state = 'live')";
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

function eventsOf(
  { direction, filter }: Pick<PageRequest, "direction" | "filter">,
  names: Names,
  parameters: Parameters,
): { readonly events: string; readonly order: string } {
  const isForwards = direction === "forwards";
  const order = `ORDER BY version ${isForwards ? "ASC" : "DESC"}`;
  const first = isForwards ? "greatest(s.start, s.first_shown)" : "s.first_shown";
  const last = isForwards ? "s.last_version" : "least(s.start, s.last_version)";
  const window = isForwards ? `version < ${first} + ${FILTER_WINDOW}` : `version > ${last} - ${FILTER_WINDOW}`;
  const conditions = [
    'stream = s.name COLLATE "C"',
    `version BETWEEN ${first} AND ${last}`,
    ...(filter === undefined ? [] : [window]),
    ...filterConditions(filter ?? {}, names, parameters),
  ];
  return { events: `SELECT ${COLUMNS} FROM ${names.of("events")} WHERE ${conditions.join(" AND ")} ${order} LIMIT s.most`, order };
}
