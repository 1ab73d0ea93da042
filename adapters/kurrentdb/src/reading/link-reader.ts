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
  /** Events that have links and are not there any more, as `version@stream`. */
  readonly gone: ReadonlySet<string>;
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
    for (;;) {
      const { found, looks, next } = await this.#firstThere(stream, { from, isBackwards: true }, gone);
      if (found !== undefined || looks < SPARE_LINKS || next < 0) return { link: found, gone };
      from = next;
    }
  }

  /** The first link at or behind a revision whose event is there. */
  async firstFrom(stream: string, revision: number): Promise<Link | undefined> {
    for (let from = revision; ;) {
      const { found, looks, next } = await this.#firstThere(stream, { from, isBackwards: false }, new Set());
      if (found !== undefined || looks < SPARE_LINKS) return found;
      from = next;
    }
  }

  /** Reads links until there is no room for an event, or there are no more. */
  async part(stream: string, range: LinkRange, wanted: Wanted): Promise<LinkPart> {
    const count = wanted.room.events + SPARE_LINKS;
    let { revision } = range;
    const gone = new Set<string>();
    for (;;) {
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

  #firstThere(
    stream: string,
    { from, isBackwards }: { readonly from: number | undefined; readonly isBackwards: boolean },
    gone: Set<string>,
  ) {
    return this.#reading(async (take) => {
      let [looks, next] = [0, from ?? 0];
      let found: Link | undefined;
      await take({ stream, isBackwards, from, count: SPARE_LINKS }, (entry) => {
        looks++;
        const revision = Number(entry.link?.getStreamRevision() ?? 0);
        next = isBackwards ? revision - 1 : revision + 1;
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
