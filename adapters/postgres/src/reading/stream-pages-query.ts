import type { PageRequest, WantedSnapshot } from "@reactive-domain/persistence/adapter";
import type { Names } from "../schema/names.ts";
import { headOf } from "../schema/parts.ts";
import { knownStreams, lookedUp, streamEvents } from "./known-streams.ts";
import { IN_COLUMNS } from "./packed-columns.ts";
import type { PackedQuery } from "./packed-events.ts";
import { fittingIn } from "./page-query.ts";
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
  const known = (table: string): string => knownStreams(table, streamsOf(asked, names), Object.keys(asked));
  const streams = hasSnapshots ? `${known("k")}, s AS MATERIALIZED (${beginningBehind("k", names)})` : known("s");
  const page = fittingIn(streamEvents(request, names, parameters));
  const text = (escapes: boolean): string =>
    `WITH ${streams} SELECT page, last_version, state, first_shown, (SELECT ${headOf(names.of)})` +
    `${hasSnapshots ? `, ${SELECTED_SNAPSHOT}` : ""}, p.* FROM s CROSS JOIN LATERAL (SELECT ${IN_COLUMNS.selected(escapes)} FROM (${page}) f) p`;
  return {
    text,
    values: parameters.values,
    packing: IN_COLUMNS,
    ...placesOf(hasSnapshots),
  };
}

/** Where the rows of pages have what. */
export function placesOf(hasSnapshots: boolean): Pick<StreamPagesQuery, "snapshotAt" | "packedAt"> {
  return hasSnapshots ? { snapshotAt: PAGE_WIDTH, packedAt: PAGE_WIDTH + SNAPSHOT_WIDTH } : { snapshotAt: undefined, packedAt: PAGE_WIDTH };
}

/**
 * A list in a statement. Of one behind a SELECT the server does not know the length: a plan for any length seems dearer to it than one for few pages, so that it would
 * plan anew with each statement, which takes longer than to read.
 */
function unplannedList(parameter: string, type: string): string {
  return `(SELECT ${parameter}::${type}[])`;
}

/** The streams that are asked for, list by list: a row for each page. */
function streamsOf(asked: Readonly<Record<string, string>>, names: Names): string {
  const columns = Object.keys(asked).join(", ");
  return `SELECT u.*, ${lookedUp("u.name", names)} FROM unnest(${Object.values(asked).join(", ")}) WITH ORDINALITY u (${columns}, page)`;
}
