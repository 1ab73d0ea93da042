import type { Position, Version } from "@reactive-domain/core";
import type { EventBatch, RecordedEvent } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { pageStatement, type CursorRange } from "./page-statement.ts";
import { RecordedRow, type EventRow } from "./recorded-row.ts";
import { StreamNames } from "./stream-names.ts";

/** The end of a source, in one snapshot. */
interface SourceEnd {
  readonly streamId: number | undefined;
  /** The last cursor, or -1 where there is none. */
  readonly last: number;
  readonly lastVersion: Version | null | undefined;
  readonly head: Position | null;
}

/** A page behind which something follows. */
interface FullPage {
  readonly last: EventRow;
  /** The row that follows. */
  readonly extra: EventRow;
}

const POSITION = 0;
const VERSION = 2;
/** A filtered page looks at this many cursors at the most: a rare type in a long log must not hold up the event loop. */
const FILTER_WINDOW = 10_000;

/** Reads pages, each in a transaction of its own, so that all it tells belongs to one moment. */
export class PageReader {
  readonly #database: Database;
  readonly #names: StreamNames;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #head: Statement<[], Position | null>;
  readonly #stream: Statement<[string], [id: number, version: Version, head: Position | null]>;
  readonly #pages = new Map<string, Statement<unknown[], EventRow>>();

  constructor(database: Database) {
    this.#database = database;
    this.#names = new StreamNames(database);
    this.#begin = database.prepare("BEGIN");
    this.#commit = database.prepare("COMMIT");
    this.#head = database.prepare<[], Position | null>("SELECT max(position) FROM events").pluck();
    this.#stream = database
      .prepare<[string], [number, Version, Position | null]>(
        "SELECT id, version, (SELECT max(position) FROM events) FROM streams WHERE name = ?",
      )
      .raw();
  }

  read(request: PageRequest): EventBatch {
    this.#begin.run();
    try {
      return this.#readPage(asTypeSource(request));
    } finally {
      if (this.#database.inTransaction) this.#commit.run();
    }
  }

  #readPage(request: PageRequest): EventBatch {
    const end = this.#endOf(request);
    const range = rangeOf(request, end.last);
    const rows = end.lastVersion === null || range.low > range.high ? [] : this.#select(request, range, end.streamId);
    const full = fullPage(rows, request.maxEvents);
    const isEnd = full === undefined && (request.direction === "forwards" ? range.high >= end.last : range.low <= 0);
    const next = isEnd ? endCursor(request, end.last) : nextCursor(request, range, full);
    return { events: this.#record(rows, request), isEnd, next, head: end.head, lastVersion: end.lastVersion };
  }

  #endOf({ source }: PageRequest): SourceEnd {
    const found = "stream" in source ? this.#stream.get(source.stream) : undefined;
    if (found !== undefined) return { streamId: found[0], last: found[1], lastVersion: found[1], head: found[2] };
    const head = this.#head.get() ?? null;
    return "stream" in source
      ? { streamId: undefined, last: -1, lastVersion: null, head }
      : { streamId: undefined, last: head ?? -1, lastVersion: undefined, head };
  }

  #select(request: PageRequest, range: CursorRange, streamId: number | undefined): EventRow[] {
    const { sql, parameters } = pageStatement(request, range, streamId);
    let statement = this.#pages.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare<unknown[], EventRow>(sql).raw();
      this.#pages.set(sql, statement);
    }
    return statement.all(parameters);
  }

  #record(rows: readonly EventRow[], { source }: PageRequest): readonly RecordedEvent[] {
    if ("stream" in source) return rows.map((row) => new RecordedRow(row, source.stream));
    return rows.map((row) => new RecordedRow(row, this.#names.of(row[1])));
  }
}

/** Takes the row that does not fit away. */
function fullPage(rows: EventRow[], maxEvents: number): FullPage | undefined {
  const [last, extra] = [rows[maxEvents - 1], rows[maxEvents]];
  if (last === undefined || extra === undefined) return undefined;
  rows.length = maxEvents;
  return { last, extra };
}

/** The log filtered by one type is that type, for which there is an index. */
function asTypeSource(request: PageRequest): PageRequest {
  const [type, another] = request.filter?.types ?? [];
  if (!("all" in request.source) || type === undefined || another !== undefined) return request;
  const streamPrefix = request.filter?.streamPrefix;
  return { ...request, source: { eventType: type }, filter: streamPrefix === undefined ? undefined : { streamPrefix } };
}

function rangeOf({ direction, filter, from }: PageRequest, last: number): CursorRange {
  const window = filter === undefined ? Number.POSITIVE_INFINITY : FILTER_WINDOW;
  if (direction === "forwards") return { low: from as number, high: Math.min(last, (from as number) + window - 1) };
  const high = from === "end" ? last : Math.min(from, last);
  return { low: Math.max(0, high - window + 1), high };
}

/** Where reading goes on behind the end. */
function endCursor({ direction }: PageRequest, last: number): number | null {
  return direction === "forwards" ? last + 1 : null;
}

/** Where reading goes on behind a full page, or behind the range that was looked at. */
function nextCursor({ direction, source }: PageRequest, range: CursorRange, full: FullPage | undefined): number {
  if (full === undefined) return direction === "forwards" ? range.high + 1 : range.low - 1;
  const column = "stream" in source ? VERSION : POSITION;
  return direction === "forwards" ? full.last[column] + 1 : full.extra[column];
}
