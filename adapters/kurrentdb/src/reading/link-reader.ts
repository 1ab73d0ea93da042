import type { CategorySource, EventTypeSource, RecordedEvent } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import { isTombstoned } from "../connection/kurrent-failure.ts";
import { readEvents, type WireEntry } from "../wire/read-events.ts";
import { placeOf, recordedEventOf } from "../wire/recorded-event-of.ts";
import { Page } from "./page.ts";
import type { Wanted } from "./log-reader.ts";

/** A link whose event is there. */
export interface Link {
  readonly revision: number;
  /** Where its event is in the log. */
  readonly place: number;
}

/** Some links, as far as there was room for their events. */
export interface LinkPart {
  readonly page: Page;
  /** The last place of the log that was looked at. */
  readonly looked: number | undefined;
  /** The revision behind the last link that was looked at, seen in the direction of reading. */
  readonly next: number;
  /** Whether there are no links further on. */
  readonly isEnd: boolean;
  /** Events behind the last one that is there which have links and are not there any more, as `version@stream`. */
  readonly gone: ReadonlySet<string>;
}

/** Links that lead nowhere, of which more and more are looked at at once. */
interface FirstSearch {
  readonly from: number | undefined;
  readonly isBackwards: boolean;
  readonly count: number;
  /** Links at or behind this revision are not looked at. */
  readonly until?: number;
}

/** Which links are read. */
export interface LinkRange {
  readonly isForwards: boolean;
  /** Events before it, seen in the direction of reading, are passed over. */
  readonly from: number;
  /** The revision of the first link to look at; `undefined` begins with the last. */
  readonly revision: number | undefined;
}

const SPARE_LINKS = 32;
/** How many links are looked at in one call where none before led anywhere: twice as many each time, up to this. */
const MOST_SPARE_LINKS = 4_096;

/** The stream of links that a server keeps for a source. */
export function linkStream(source: CategorySource | EventTypeSource): string {
  return "category" in source ? `$ce-${source.category}` : `$et-${source.eventType}`;
}

/** Reads links with their events. Some of these may be gone. */
export class LinkReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The last link whose event is there, and the events that are gone behind it. */
  async last(stream: string): Promise<{ readonly link: Link | undefined; readonly gone: ReadonlySet<string> }> {
    const gone = new Set<string>();
    let from: number | undefined;
    for (let count = SPARE_LINKS; ; count = more(count)) {
      const { found, looks, next } = await this.#firstThere(stream, { from, isBackwards: true, count }, gone);
      if (found !== undefined || looks < count || next < 0) return { link: found, gone };
      from = next;
    }
  }

  /** The revision behind the last link, whether or not its event is there. */
  async end(stream: string): Promise<number> {
    const { looks, next } = await this.#firstThere(stream, { from: undefined, isBackwards: true, count: 1 }, new Set());
    return looks === 0 ? 0 : next + 2;
  }

  /** The first link whose event is there, at or behind a revision and before another one. */
  async firstBetween(stream: string, revision: number, until: number): Promise<Link | undefined> {
    let from = revision;
    for (let count = SPARE_LINKS; from < until; count = more(count)) {
      const { found, looks, next } = await this.#firstThere(stream, { from, isBackwards: false, count, until }, new Set());
      if (found !== undefined || looks < count) return found;
      from = next;
    }
    return undefined;
  }

  /** Reads links until there is no room for an event, or there are no more. What is known to be gone before the first of them is told again where nothing is there behind it. */
  async part(stream: string, range: LinkRange, wanted: Wanted, goneBefore: ReadonlySet<string> = new Set()): Promise<LinkPart> {
    let { revision } = range;
    const gone = new Set(goneBefore);
    for (let spare = SPARE_LINKS; ; spare = more(spare)) {
      const count = wanted.room.events + spare;
      const { page, looks, looked, next } = await this.#read(stream, { ...range, revision }, { wanted, count, gone });
      const isEnd = !page.isFull && (looks < count || next < 0);
      if (isEnd || page.isFull || looked !== undefined) return { page, looked, next, isEnd, gone };
      revision = next;
    }
  }

  #read(stream: string, range: LinkRange, { wanted, count, gone }: { wanted: Wanted; count: number; gone: Set<string> }) {
    const { isForwards, from, revision } = range;
    const step = isForwards ? 1 : -1;
    return this.#reading(async (take) => {
      const page = new Page(wanted.room, wanted.isBegun);
      let [looks, next] = [0, revision ?? 0];
      let looked: number | undefined;
      await take({ stream, isBackwards: !isForwards, from: revision, count }, (entry) => {
        looks++;
        const behind = Number(entry.link?.getStreamRevision() ?? 0) + step;
        const place = entry.event === undefined ? undefined : placeOf(entry.event);
        if (place === undefined) gone.add(targetOf(entry));
        else gone.clear();
        if (entry.event !== undefined && place !== undefined && (isForwards ? place >= from : place <= from)) {
          const event: RecordedEvent = recordedEventOf(entry.event);
          if (wanted.selection.isWanted(event) && !page.take(event)) return true;
          looked = place;
        }
        next = behind;
        return false;
      });
      return { page, looks, looked, next };
    });
  }

  #firstThere(stream: string, { from, isBackwards, count, until = Infinity }: FirstSearch, gone: Set<string>) {
    return this.#reading(async (take) => {
      let [looks, next] = [0, from ?? 0];
      let found: Link | undefined;
      await take({ stream, isBackwards, from, count }, (entry) => {
        looks++;
        const revision = Number(entry.link?.getStreamRevision() ?? 0);
        next = isBackwards ? revision - 1 : revision + 1;
        if (revision >= until) return true;
        if (entry.event === undefined) gone.add(targetOf(entry));
        else found = { revision, place: placeOf(entry.event) };
        return found !== undefined;
      });
      return { found, looks, next };
    });
  }

  /** Does what reads links, again where the connection is lost. A stream of links that is not there has none. */
  #reading<T>(work: (take: (read: LinkRead, each: (entry: WireEntry) => boolean) => Promise<void>) => Promise<T>): Promise<T> {
    const timeoutMs = this.#connection.settings.answerTimeoutMs;
    return this.#connection.run((client) =>
      work(async (read, take) => {
        try {
          await readEvents(client, { ...read, resolvesLinks: true }, { timeoutMs, take });
        } catch (error) {
          if (!isTombstoned(error)) throw error;
        }
      }),
    );
  }
}

interface LinkRead {
  readonly stream: string;
  readonly isBackwards: boolean;
  readonly from: number | undefined;
  readonly count: number;
}

function targetOf({ link }: WireEntry): string {
  return Buffer.from(link?.getData_asU8() ?? []).toString("utf8");
}

function more(links: number): number {
  return Math.min(2 * links, MOST_SPARE_LINKS);
}
