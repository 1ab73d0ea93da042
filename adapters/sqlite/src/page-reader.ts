import { version, type Position, type Version } from "@reactive-domain/core";
import type { EventBatch, RecordedEvent, StreamInfo } from "@reactive-domain/persistence";
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

const FIRST_VERSION = version(0);
const POSITION = 0;
const VERSION = 2;
const METADATA = 8;
const DATA = 9;
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

  /** `file` is what errors call the store. */
  constructor(database: Database, file: string) {
    this.#database = database;
    this.#names = new StreamNames(database, file);
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

  streamInfo(stream: string): StreamInfo {
    const lastVersion = this.#stream.get(stream)?.[1] ?? null;
    if (lastVersion === null) return { stream, state: "missing", lastVersion, firstVersion: null, metadata: {} };
    return { stream, state: "live", lastVersion, firstVersion: FIRST_VERSION, metadata: {} };
  }

  #readPage(request: PageRequest): EventBatch {
    const end = this.#endOf(request);
    const range = rangeOf(request, end.last);
    const rows = end.lastVersion === null || range.low > range.high ? [] : this.#select(request, range, end.streamId);
    const following = takeFollowing(rows, request);
    const isEnd = following === undefined && (request.direction === "forwards" ? range.high >= end.last : range.low <= 0);
    const next = isEnd ? endCursor(request, end.last) : nextCursor(request, range, following);
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

  /** Reads the rows of a page and one more, where there is one, which tells that something follows. */
  #select(request: PageRequest, range: CursorRange, streamId: number | undefined): EventRow[] {
    const { sql, parameters } = pageStatement(request, range, streamId);
    let statement = this.#pages.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare<unknown[], EventRow>(sql).raw();
      this.#pages.set(sql, statement);
    }
    const rows: EventRow[] = [];
    let bytes = 0;
    for (const row of statement.iterate(parameters)) {
      rows.push(row);
      bytes += bytesOf(row);
      if (bytes > request.maxBytes && rows.length > 1) break;
    }
    return rows;
  }

  #record(rows: readonly EventRow[], { source }: PageRequest): readonly RecordedEvent[] {
    if ("stream" in source) return rows.map((row) => new RecordedRow(row, source.stream));
    return rows.map((row) => new RecordedRow(row, this.#names.of(row[1])));
  }
}

/** Takes the row that does not fit away: one too many, or too large. It is the one that follows. */
function takeFollowing(rows: EventRow[], { maxEvents, maxBytes }: PageRequest): EventRow | undefined {
  const isFull = rows.length > maxEvents || (rows.length > 1 && rows.reduce((sum, row) => sum + bytesOf(row), 0) > maxBytes);
  return isFull ? rows.pop() : undefined;
}

/** The size of an event's data and metadata, in bytes of UTF-8. */
function bytesOf(row: EventRow): number {
  const data = row[DATA];
  return Buffer.byteLength(row[METADATA]) + (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength);
}

/** The log filtered by one type is that type, for which there is an index. */
function asTypeSource(request: PageRequest): PageRequest {
  const { types = [], ...filter } = request.filter ?? {};
  const [type, another] = types;
  if (!("all" in request.source) || type === undefined || another !== undefined) return request;
  const isFiltered = Object.values(filter).some((condition) => condition !== undefined);
  return { ...request, source: { eventType: type }, filter: isFiltered ? filter : undefined };
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
function nextCursor({ direction, source }: PageRequest, range: CursorRange, following: EventRow | undefined): number {
  if (following === undefined) return direction === "forwards" ? range.high + 1 : range.low - 1;
  return following["stream" in source ? VERSION : POSITION];
}
