import type { PageRequest, WantedSnapshot } from "@reactive-domain/persistence/adapter";
import type { Names } from "../schema/names.ts";
import { headOf } from "../schema/parts.ts";
import { packed, type PackedQuery } from "./packed-events.ts";
import { COLUMNS, filterConditions, FILTER_WINDOW, fittingIn, largestEvent, type PageEvents } from "./page-query.ts";
import { Parameters } from "./parameters.ts";
import { beginningBehind, SELECTED_SNAPSHOT, SNAPSHOT_WIDTH, wantedSnapshots } from "./snapshot-start.ts";

/** What a page of one stream asks for. */
export interface StreamPage {
  readonly stream: string;
  readonly from: number | "end";
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly snapshot: WantedSnapshot | undefined;
}

/** The statement of pages, and where its rows have what. */
export interface StreamPagesQuery extends PackedQuery {
  readonly packedAt: number;
  /** `undefined` where no page wants a snapshot. */
  readonly snapshotAt: number | undefined;
}

/** How many columns tell the number of the page, what the stream is, and the head of the log. */
const PAGE_WIDTH = 5;

/**
 * The statement of pages of several streams in one direction. Its rows belong to one moment, one for each page, in no order: the number of the page, from 1, what
 * the stream is, the head of the log; the snapshot that the page begins behind, where any of them wants one; and the events, packed, in the order of reading, as many as
 * are asked for and one more.
 */
export function streamPagesQuery(
  pages: readonly StreamPage[],
  request: Pick<PageRequest, "direction" | "filter">,
  names: Names,
): StreamPagesQuery {
  const parameters = new Parameters();
  const list = (type: string, values: readonly unknown[]): string => unplannedList(parameters.add(values), type);
  const wanted = pages.map(({ snapshot }) => snapshot);
  const hasSnapshots = wanted.some((one) => one !== undefined);
  const asked = {
    name: list(
      "text",
      pages.map(({ stream }) => stream),
    ),
    start: list(
      "bigint",
      pages.map(({ from }) => (from === "end" ? Number.MAX_SAFE_INTEGER : from)),
    ),
    most: list(
      "bigint",
      pages.map(({ maxEvents }) => maxEvents + 1),
    ),
    bytes: list(
      "bigint",
      pages.map(({ maxBytes }) => maxBytes),
    ),
    ...(hasSnapshots && wantedSnapshots(wanted, list)),
  };
  const streams = hasSnapshots
    ? `${knownStreams("k", asked, names)}, s AS MATERIALIZED (${beginningBehind("k", names)})`
    : knownStreams("s", asked, names);
  const page = fittingIn(eventsOf(request, names, parameters));
  const text = (escapes: boolean): string =>
    `WITH ${streams} SELECT page, last_version, state, first_shown, (SELECT ${headOf(names.of)})` +
    `${hasSnapshots ? `, ${SELECTED_SNAPSHOT}` : ""}, p.* FROM s CROSS JOIN LATERAL (SELECT ${packed(escapes)} FROM (${page}) f) p`;
  return {
    text,
    values: parameters.values,
    snapshotAt: hasSnapshots ? PAGE_WIDTH : undefined,
    packedAt: hasSnapshots ? PAGE_WIDTH + SNAPSHOT_WIDTH : PAGE_WIDTH,
  };
}

/**
 * A list in a statement. Of one behind a SELECT the server does not know the length: a plan for any length seems dearer to it than one for few pages, so that it would
 * plan anew with each statement, which takes longer than to read.
 */
function unplannedList(parameter: string, type: string): string {
  return `(SELECT ${parameter}::${type}[])`;
}

/** A table of what is asked for, list by list: a row for each page, with what its stream is. */
function knownStreams(table: string, asked: Readonly<Record<string, string>>, names: Names): string {
  const columns = Object.keys(asked).join(", ");
  return (
    `a AS MATERIALIZED (${streamsOf(Object.values(asked).join(", "), columns, names)}), ` +
    `${table} AS MATERIALIZED (SELECT page, ${columns}, coalesce(told[1]::bigint, last_version) AS last_version, ` +
    "coalesce(told[2]::bigint, 0) AS first_shown, " +
    "coalesce(told[3], CASE WHEN last_version IS NULL THEN 'missing' ELSE 'live' END) AS state FROM a)"
  );
}

/** The streams that are asked for, each with its last version; what there is to know beside only where something is said or was done. */
function streamsOf(asked: string, columns: string, { of }: Names): string {
  return (
    "SELECT u.*, (SELECT version FROM " +
    `${of("events")} WHERE stream = u.name COLLATE "C" ORDER BY version DESC LIMIT 1) AS last_version, ` +
    `CASE WHEN (SELECT true FROM ${of("streams")} k WHERE k.name = u.name COLLATE "C" LIMIT 1) ` +
    `THEN (SELECT ARRAY[x.last_version::text, x.first_shown::text, x.state] FROM ${of("stream_ends")}(u.name, NULL) x) END AS told ` +
    `FROM unnest(${asked}) WITH ORDINALITY u (${columns}, page)`
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
