import { version, type Position, type Version } from "@reactive-domain/core";
import type { EventBatch, RecordedEvent } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { LOG_HEAD } from "./log-head.ts";
import { PageRows } from "./page-rows.ts";
import { PageStatements, type CursorRange } from "./page-statements.ts";
import { EVENT_COLUMNS, RecordedRow, type EventRow } from "./recorded-row.ts";
import type { ShownStreams } from "./shown-streams.ts";
import { StreamNames } from "./stream-names.ts";

/** Where a source begins and ends, in one snapshot. */
interface SourceEnds {
  readonly streamId: number | undefined;
  /** The first cursor that is shown. */
  readonly first: number;
  /** The last cursor, or -1 where there is none. */
  readonly last: number;
  readonly lastVersion: Version | null | undefined;
  readonly head: Position | null;
}

const POSITION = 0;
const VERSION = 2;
/** A filtered page looks at this many cursors at the most: a rare type in a long log must not hold up the event loop. */
const FILTER_WINDOW = 10_000;

/** Reads pages, inside a transaction that its caller holds, so that all that a page tells belongs to one moment. */
export class PageReader {
  readonly #statements: PageStatements<EventRow>;
  readonly #streams: ShownStreams;
  readonly #names: StreamNames;
  readonly #head: Statement<[], Position | null>;

  /** `file` is what errors call the store. */
  constructor(database: Database, streams: ShownStreams, file: string) {
    this.#statements = new PageStatements(database, EVENT_COLUMNS);
    this.#streams = streams;
    this.#names = new StreamNames(database, file);
    this.#head = database.prepare<[], Position | null>(`SELECT ${LOG_HEAD}`).pluck();
  }

  read(asked: PageRequest): EventBatch {
    const request = asTypeSource(asked);
    const ends = this.#endsOf(request);
    const range = rangeOf(request, ends);
    const page = this.#select(request, range, ends.streamId);
    const following = page.takeFollowing();
    const isEnd = following === undefined && (request.direction === "forwards" ? range.high >= ends.last : range.low <= ends.first);
    const next = isEnd ? endCursor(request, ends.last) : nextCursor(request, range, following);
    return { events: this.#record(page.rows, request), isEnd, next, head: ends.head, lastVersion: ends.lastVersion };
  }

  #endsOf({ source }: PageRequest): SourceEnds {
    const isStream = "stream" in source;
    const found = isStream ? this.#streams.find(source.stream) : undefined;
    if (found?.state === "live")
      return { streamId: found.id, first: found.firstShown, last: found.version, lastVersion: version(found.version), head: found.head };
    const head = found === undefined ? (this.#head.get() ?? null) : found.head;
    return isStream
      ? { streamId: undefined, first: 0, last: -1, lastVersion: null, head }
      : { streamId: undefined, first: 0, last: head ?? -1, lastVersion: undefined, head };
  }

  #select(request: PageRequest, range: CursorRange, streamId: number | undefined): PageRows {
    const page = new PageRows(request);
    let { low, high } = range;
    for (let limit = page.wanted; limit > 0 && low <= high; limit = page.wanted) {
      const rows = this.#statements.select(request, { low, high }, limit, streamId);
      page.add(rows);
      const last = rows[limit - 1];
      if (last === undefined) break;
      if (request.direction === "forwards") low = cursorOf(last, request) + 1;
      else high = cursorOf(last, request) - 1;
    }
    return page;
  }

  #record(rows: readonly EventRow[], { source }: PageRequest): readonly RecordedEvent[] {
    if ("stream" in source) return rows.map((row) => new RecordedRow(row, source.stream));
    return rows.map((row) => new RecordedRow(row, this.#names.of(row[1])));
  }
}

/** The log filtered by one type is that type, for which there is an index. */
function asTypeSource(request: PageRequest): PageRequest {
  const { types = [], ...filter } = request.filter ?? {};
  const [type, another] = types;
  if (!("all" in request.source) || type === undefined || another !== undefined) return request;
  const isFiltered = Object.values(filter).some((condition) => condition !== undefined);
  return { ...request, source: { eventType: type }, filter: isFiltered ? filter : undefined };
}

function rangeOf({ direction, filter, from }: PageRequest, { first, last }: SourceEnds): CursorRange {
  const window = filter === undefined ? Number.POSITIVE_INFINITY : FILTER_WINDOW;
  if (direction === "forwards") {
    const low = Math.max(first, from as number);
    return { low, high: Math.min(last, low + window - 1) };
  }
  const high = from === "end" ? last : Math.min(from, last);
  return { low: Math.max(first, high - window + 1), high };
}

/** Where reading goes on behind the end. */
function endCursor({ direction }: PageRequest, last: number): number | null {
  return direction === "forwards" ? last + 1 : null;
}

/** Where reading goes on behind a full page, or behind the range that was looked at. */
function nextCursor(request: PageRequest, range: CursorRange, following: EventRow | undefined): number {
  if (following === undefined) return request.direction === "forwards" ? range.high + 1 : range.low - 1;
  return cursorOf(following, request);
}

function cursorOf(row: EventRow, { source }: PageRequest): number {
  return row["stream" in source ? VERSION : POSITION];
}
