import { version, type Position } from "@reactive-domain/core";
import type { EventBatch } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { Database } from "../database.ts";
import type { Names } from "../schema/names.ts";
import { AgeingPlans } from "./ageing-plans.ts";
import { logPageQuery, windowEnd } from "./page-query.ts";
import { ReadAhead } from "./read-ahead.ts";
import { RecordedRow } from "./recorded-row.ts";
import { StreamPages, type StreamRows } from "./stream-pages.ts";

/** Reads pages, each by one statement: all that a page tells belongs to one moment. */
export class PageReader {
  readonly #database: Database;
  readonly #names: Names;
  readonly #plans: AgeingPlans;
  readonly #streams: StreamPages;
  readonly #ahead = new ReadAhead((request) => this.#readLog(request));

  constructor(database: Database, names: Names) {
    this.#database = database;
    this.#names = names;
    this.#plans = new AgeingPlans(database);
    this.#streams = new StreamPages(database, names, this.#plans);
  }

  read(request: PageRequest): Promise<EventBatch> {
    return "stream" in request.source ? this.#readStream(request.source.stream, request) : this.#ahead.read(request);
  }

  /** Pages that were read ahead may show what is not there any more. */
  forget(): void {
    this.#ahead.forget();
  }

  async #readLog(request: PageRequest): Promise<EventBatch> {
    const { text, values, isBounded } = logPageQuery(request, this.#names);
    const rows = await this.#database.query(this.#plans.of(text), values);
    const [marker, ...events] = rows;
    const head = Number(marker?.[0]);
    this.#plans.grow(head);
    const page = cutPage(
      events.map((row) => new RecordedRow(row)),
      request,
    );
    const ends = { first: 0, last: head, isBounded };
    return {
      ...pageEnd(page, ends, request),
      head: head < 0 ? null : (head as Position),
      lastVersion: undefined,
    };
  }

  async #readStream(stream: string, request: PageRequest): Promise<EventBatch> {
    const rows: StreamRows = await this.#streams.read(stream, request);
    this.#plans.grow(rows.head);
    const head = rows.head < 0 ? null : (rows.head as Position);
    if (!rows.isLive) {
      const next = request.direction === "forwards" ? 0 : null;
      return { events: [], next, isEnd: true, head, lastVersion: null };
    }
    const page = cutPage(rows.events, request);
    const ends = { first: rows.firstShown, last: rows.lastVersion, isBounded: request.filter !== undefined };
    return { ...pageEnd(page, ends, request), head, lastVersion: version(rows.lastVersion) };
  }
}

interface Page {
  readonly events: readonly RecordedRow[];
  /** The first that did not fit: one too many, or too large. */
  readonly following: RecordedRow | undefined;
}

interface Ends {
  readonly first: number;
  readonly last: number;
  readonly isBounded: boolean;
}

function cutPage(rows: readonly RecordedRow[], { maxEvents, maxBytes }: PageRequest): Page {
  const fitting = fittingIn(rows, maxBytes);
  const count = Math.min(fitting, maxEvents);
  return { events: count === rows.length ? rows : rows.slice(0, count), following: rows[count] };
}

/** How many events have so many bytes together; one at least. */
function fittingIn(rows: readonly RecordedRow[], maxBytes: number): number {
  // UTF-8 takes at most three bytes for a UTF-16 unit: counting takes time.
  const most = rows.reduce((sum, row) => sum + 3 * row.characters, 0);
  if (most <= maxBytes) return rows.length;
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    bytes += row.bytes;
    return bytes > maxBytes && index > 0;
  });
  return end === -1 ? rows.length : end;
}

/** What of a batch follows from where the page ends. */
function pageEnd(
  { events, following }: Page,
  { first, last, isBounded }: Ends,
  request: PageRequest,
): Pick<EventBatch, "events" | "next" | "isEnd"> {
  const { direction } = request;
  const isForwards = direction === "forwards";
  const from = request.from === "end" ? last : request.from;
  const start = isForwards ? Math.max(first, from) : Math.min(last, from);
  const bound = isBounded ? windowEnd(start, direction) : undefined;
  const isCut = bound !== undefined && (isForwards ? bound < last : bound > first);
  if (following !== undefined) return { events, isEnd: false, next: "stream" in request.source ? following.version : following.position };
  if (isCut) return { events, isEnd: false, next: isForwards ? bound + 1 : bound - 1 };
  return { events, isEnd: true, next: isForwards ? last + 1 : null };
}
