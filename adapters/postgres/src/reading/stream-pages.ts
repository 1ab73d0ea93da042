import type { Snapshot } from "@reactive-domain/persistence";
import type { PageRequest, WantedSnapshot } from "@reactive-domain/persistence/adapter";
import type { Database, TextRow } from "../database.ts";
import type { Names } from "../schema/names.ts";
import type { AgeingPlans } from "./ageing-plans.ts";
import { LonePageQuery } from "./lone-page-query.ts";
import { readPacked, type PackedEvents } from "./packed-events.ts";
import { readSnapshot } from "./snapshot-start.ts";
import { streamPagesQuery, type StreamPage, type StreamPagesQuery } from "./stream-pages-query.ts";

/** What was read of a stream, of one moment. */
export interface StreamRows {
  readonly isLive: boolean;
  /** -1 while the log is empty. */
  readonly head: number;
  readonly firstShown: number;
  readonly lastVersion: number;
  /** In the order of reading, with one more than asked for where there is one; none where it is not live. */
  readonly events: PackedEvents;
  /** What the page begins behind. */
  readonly snapshot: Snapshot | undefined;
}

interface PendingPage {
  readonly page: StreamPage;
  readonly resolve: (rows: StreamRows) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_PAGES = 64;
/** A statement of so few is not worth its round trip, where they can go with others; but for one alone, which has a cheaper statement. */
const MIN_PAGES = 8;
/** How many statements are under way at a time; pages that come meanwhile share the next one. */
const MAX_UNDER_WAY = 2;

/** Of how many streams it is kept in mind that they are too large for the statement of a lone page. */
const MAX_LARGE = 1_000;

/** Reads streams, and those that are asked for while others are being read by one statement: a round trip costs more than a stream. */
export class StreamPages {
  readonly #database: Database;
  readonly #names: Names;
  readonly #plans: AgeingPlans;
  readonly #lone: LonePageQuery;
  readonly #waiting: Record<PageRequest["direction"], PendingPage[]> = { forwards: [], backwards: [] };
  readonly #large = new Set<string>();
  #underWay = 0;

  constructor(database: Database, names: Names, plans: AgeingPlans) {
    this.#plans = plans;
    this.#database = database;
    this.#names = names;
    this.#lone = new LonePageQuery(names);
  }

  read(stream: string, request: PageRequest, snapshot?: WantedSnapshot): Promise<StreamRows> {
    const { from, maxEvents, maxBytes } = request;
    const page = { stream, from, maxEvents, maxBytes, snapshot };
    if (request.filter !== undefined) return this.#readFiltered(page, request);
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting[request.direction];
      waiting.push({ page, resolve, reject });
      // Those of the same turn of the loop go together.
      if (waiting.length === 1) queueMicrotask(() => this.#next(request.direction));
    });
  }

  async #readFiltered(page: StreamPage, request: PageRequest): Promise<StreamRows> {
    const [rows] = await this.#readPages([page], request);
    return rows as StreamRows;
  }

  #next(direction: PageRequest["direction"]): void {
    const waiting = this.#waiting[direction];
    while (waiting.length > 0 && this.#underWay < MAX_UNDER_WAY) {
      // All in one would leave the server idle while their readers handle them, and those ask again together.
      const share = Math.ceil(waiting.length / (MAX_UNDER_WAY - this.#underWay));
      const count = share === 1 ? 1 : Math.min(Math.max(share, MIN_PAGES), MAX_PAGES);
      void this.#readTogether(waiting.splice(0, count), direction);
    }
  }

  async #readTogether(pages: readonly PendingPage[], direction: PageRequest["direction"]): Promise<void> {
    this.#underWay++;
    try {
      const asked = pages.map(({ page }) => page);
      const rows = await this.#readPages(asked, { direction, filter: undefined });
      pages.forEach(({ resolve }, index) => resolve(rows[index] as StreamRows));
    } catch (error) {
      for (const { reject } of pages) reject(error);
    } finally {
      this.#underWay--;
      this.#next("forwards");
      this.#next("backwards");
    }
  }

  async #readPages(pages: readonly StreamPage[], request: Pick<PageRequest, "direction" | "filter">): Promise<readonly StreamRows[]> {
    const [page, another] = pages;
    const isPlain = request.direction === "forwards" && request.filter === undefined;
    if (isPlain && page !== undefined && another === undefined && !this.#large.has(page.stream)) {
      const alone = await this.#readAlone(page);
      if (alone !== undefined) return [alone];
    }
    const query = streamPagesQuery(pages, request, this.#names);
    const rows = await this.#run(query);
    const inOrder = rows.toSorted(([[one]], [[other]]) => Number(one) - Number(other));
    return pages.map(({ stream }, index) => streamRows(stream, query, inOrder[index] as PackedRow));
  }

  /** `undefined` where the page may have to be cut short. */
  async #readAlone(page: StreamPage): Promise<StreamRows | undefined> {
    const query = this.#lone.of(page);
    const [row] = await this.#run(query);
    if (row !== undefined && row[0][query.packedAt] !== null) return streamRows(page.stream, query, row);
    if (this.#large.size >= MAX_LARGE) this.#large.clear();
    this.#large.add(page.stream);
    return undefined;
  }

  #run(query: StreamPagesQuery): Promise<readonly PackedRow[]> {
    return readPacked(query, query.packedAt, (text) => this.#database.ask(this.#plans.of(text), query.values));
  }
}

type PackedRow = readonly [TextRow, PackedEvents];

function streamRows(stream: string, { snapshotAt }: StreamPagesQuery, [row, events]: PackedRow): StreamRows {
  const [, lastVersion, state, firstShown, head] = row;
  return {
    snapshot: snapshotAt === undefined ? undefined : readSnapshot(stream, row, snapshotAt),
    isLive: state === "live",
    head: Number(head ?? -1),
    firstShown: Number(firstShown ?? 0),
    lastVersion: Number(lastVersion ?? -1),
    events,
  };
}
