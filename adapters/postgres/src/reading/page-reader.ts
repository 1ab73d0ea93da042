import { version, type Position } from "@reactive-domain/core";
import type { EventBatch, RecordedEvent } from "@reactive-domain/persistence";
import type { PageRequest, SnapshotPageRequest, WantedSnapshot } from "@reactive-domain/persistence/adapter";
import type { Database } from "../database.ts";
import type { Names } from "../schema/names.ts";
import { AgeingPlans } from "./ageing-plans.ts";
import { readPacked, type PackedEvents } from "./packed-events.ts";
import { logPageQuery, windowEnd } from "./page-query.ts";
import { ReadAhead } from "./read-ahead.ts";
import { StreamPages, type StreamRows } from "./stream-pages.ts";

/** A page is one text for each column: those have an end, in PostgreSQL and here. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;

/** Reads pages, each by one statement: all that a page tells belongs to one moment. */
export class PageReader {
  readonly #database: Database;
  readonly #names: Names;
  readonly #plans: AgeingPlans;
  readonly #streams: StreamPages;
  readonly #ahead: ReadAhead;

  constructor(database: Database, names: Names) {
    this.#database = database;
    this.#names = names;
    this.#plans = new AgeingPlans(database);
    this.#ahead = new ReadAhead((request) => this.#readLog(request), database.runtime);
    this.#streams = new StreamPages(database, names, this.#plans);
  }

  read(asked: PageRequest): Promise<EventBatch> {
    const request = bounded(asked);
    return "stream" in request.source ? this.#readStream(request.source.stream, request) : this.#ahead.read(request);
  }

  readBehindSnapshot(asked: SnapshotPageRequest): Promise<EventBatch> {
    const request = bounded(asked);
    return this.#readStream(request.source.stream, request, request.snapshot);
  }

  /** Pages that were read ahead may show what is not there any more. */
  forget(): void {
    this.#ahead.forget();
  }

  async #readLog(request: PageRequest): Promise<EventBatch> {
    const query = logPageQuery(request, this.#names);
    const rows = await readPacked(query, 1, (text) => this.#database.ask(this.#plans.of(text), query.values));
    const [[marker], events] = rows[0] as (typeof rows)[0];
    const head = Number(marker);
    this.#plans.grow(head);
    const page = cutPage(events, request);
    const ends = { first: 0, last: head, isBounded: query.isBounded };
    return {
      ...pageEnd(page, ends, request),
      head: head < 0 ? null : (head as Position),
      lastVersion: undefined,
    };
  }

  async #readStream(stream: string, request: PageRequest, wanted?: WantedSnapshot): Promise<EventBatch> {
    const rows: StreamRows = await this.#streams.read(stream, request, wanted);
    this.#plans.grow(rows.head);
    const head = rows.head < 0 ? null : (rows.head as Position);
    if (!rows.isLive) {
      const next = request.direction === "forwards" ? 0 : null;
      return { events: [], next, isEnd: true, head, lastVersion: null };
    }
    const page = cutPage(rows.events, request);
    const ends = { first: rows.firstShown, last: rows.lastVersion, isBounded: request.filter !== undefined };
    const { snapshot } = rows;
    return { ...pageEnd(page, ends, request), head, lastVersion: version(rows.lastVersion), ...(snapshot && { snapshot }) };
  }
}

function bounded<R extends PageRequest>(request: R): R {
  return request.maxBytes > MAX_PAGE_BYTES ? { ...request, maxBytes: MAX_PAGE_BYTES } : request;
}

interface Page {
  readonly events: readonly RecordedEvent[];
  /** The first that did not fit: one too many, or too large. */
  readonly following: RecordedEvent | undefined;
}

interface Ends {
  readonly first: number;
  readonly last: number;
  readonly isBounded: boolean;
}

function cutPage(packed: PackedEvents, { maxEvents, maxBytes }: PageRequest): Page {
  const count = Math.min(fittingIn(packed, maxBytes), maxEvents);
  return { events: packed.first(count), following: count < packed.length ? packed.at(count) : undefined };
}

/** How many events have so many bytes together; one at least. */
function fittingIn(packed: PackedEvents, maxBytes: number): number {
  // UTF-8 takes at most three bytes for a UTF-16 unit: counting takes time.
  if (3 * packed.characters <= maxBytes) return packed.length;
  let bytes = 0;
  for (let index = 0; index < packed.length; index++) {
    bytes += packed.at(index).bytes;
    if (bytes > maxBytes && index > 0) return index;
  }
  return packed.length;
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
