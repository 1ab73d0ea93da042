import type { CategorySource, EventBatch, EventTypeSource, RecordedEvent } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { isHiddenCategory } from "./own-streams.ts";
import { KeptPlaces } from "./kept-places.ts";
import { linkStream, type LinkRange, type LinkReader } from "./link-reader.ts";
import type { LogReader, Wanted } from "./log-reader.ts";
import { selectionOf, type Selection } from "./selection.ts";

/** A page without what it knows of the log beside it. */
export type PartOfLog = Pick<EventBatch, "events" | "next" | "isEnd">;

interface Viewed {
  readonly stream: string;
  readonly request: PageRequest;
  readonly selection: Selection;
  /** The end of the log, as it was before. */
  readonly head: number;
}

/** Where to go on forwards from a place of the log. */
interface Onwards {
  /** Every link before it leads to an event before the place. */
  readonly revision: number;
  /** What has links before it, is gone, and may be behind the place. */
  readonly gone: ReadonlySet<string>;
}

/** Where to go on backwards from a place of the log. */
interface Back {
  /** The first link to look at; `undefined` where there is none. */
  readonly revision: number | undefined;
  /** The place that this link leads to, or one behind it: what is further on has no link. */
  readonly behind: number;
  /** What has links, and is gone, further on. */
  readonly gone: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Reads categories and event types: by the links that the server keeps of them, as far as they go, and behind the last one from the log itself, since servers make links a
 * little later than events. Where a server makes none, all of it comes from the log.
 */
export class ViewReader {
  readonly #links: LinkReader;
  readonly #log: LogReader;
  readonly #onwards = new KeptPlaces<Onwards>();
  readonly #back = new KeptPlaces<Back>();

  constructor(links: LinkReader, log: LogReader) {
    this.#links = links;
    this.#log = log;
  }

  async page(source: CategorySource | EventTypeSource, request: PageRequest, head: number): Promise<PartOfLog> {
    const isForwards = request.direction === "forwards";
    const from = request.from === "end" ? head : request.from;
    const name = "category" in source ? source.category : source.eventType;
    const isHidden = "category" in source ? isHiddenCategory(name) : name.startsWith("$");
    if (isHidden || (isForwards && from > head)) return { events: [], isEnd: true, next: isForwards ? head + 1 : null };
    const viewed = { stream: linkStream(source), request, selection: selectionOf(source, request.filter), head };
    return isForwards ? this.#forwards(viewed, from) : this.#backwards(viewed, Math.min(from, head));
  }

  async #forwards({ stream, request, selection, head }: Viewed, from: number): Promise<PartOfLog> {
    const room = { events: request.maxEvents, bytes: request.maxBytes };
    const { revision, gone: goneBefore } = this.#onwards.at(stream, from) ?? { revision: await this.#revisionAt(stream, from), gone: NONE };
    const links = await this.#links.part(stream, { isForwards: true, from, revision }, { selection, room }, goneBefore);
    const { page, looked, isEnd, gone } = links;
    const goOn = (place: number): number => {
      this.#onwards.keep(stream, place, { revision: links.next, gone }, from);
      return place;
    };
    if (!isEnd) return { events: page.events, isEnd: false, next: goOn((looked ?? from - 1) + 1) };
    const isBegun = page.events.length > 0;
    const tail = { isForwards: true, from: looked === undefined ? from : looked + 1 };
    const part = await this.#log.look(tail, { selection: without(selection, gone), room: page.left, isBegun });
    const events = [...page.events, ...part.events];
    const last = part.looked ?? looked ?? from - 1;
    return { events, isEnd: part.isEnd, next: goOn(part.isEnd ? Math.max(head, last) + 1 : last + 1) };
  }

  async #backwards({ stream, request, selection }: Viewed, from: number): Promise<PartOfLog> {
    const room = { events: request.maxEvents, bytes: request.maxBytes };
    const kept = this.#back.at(stream, from);
    const back = kept ?? (await this.#lastLink(stream));
    const { behind } = back;
    let unlinked: readonly RecordedEvent[] = [];
    let left = room;
    if (from > behind) {
      const range = { isForwards: false, from, downTo: behind + 1 };
      const part = await this.#log.look(range, { selection: without(selection, back.gone), room });
      if (!part.isEnd) return this.#upTo(stream, { events: part.events, looked: part.looked ?? from, from }, back);
      unlinked = part.events;
      left = { events: room.events - unlinked.length, bytes: room.bytes - bytesOf(unlinked) };
    }
    if (back.revision === undefined) return { events: unlinked, isEnd: true, next: null };
    if (left.events <= 0 || left.bytes <= 0) return this.#upTo(stream, { events: unlinked, looked: behind + 1, from }, back);
    const isFound = kept !== undefined || from >= behind;
    const revision = isFound ? back.revision : (await this.#revisionAt(stream, from + 1)) - 1;
    const wanted = { selection, room: left, isBegun: unlinked.length > 0 };
    return this.#linkedBackwards(stream, { from: Math.min(from, behind), revision }, wanted, unlinked);
  }

  /** A page that comes to its end before the links begin. */
  #upTo(
    stream: string,
    { events, looked, from }: { readonly events: readonly RecordedEvent[]; readonly looked: number; readonly from: number },
    back: Back,
  ): PartOfLog {
    if (looked === 0) return { events, isEnd: true, next: null };
    this.#back.keep(stream, looked - 1, back, from);
    return { events, isEnd: false, next: looked - 1 };
  }

  async #linkedBackwards(
    stream: string,
    range: Omit<LinkRange, "isForwards">,
    wanted: Wanted,
    before: readonly RecordedEvent[],
  ): Promise<PartOfLog> {
    if (range.revision !== undefined && range.revision < 0) return { events: before, isEnd: true, next: null };
    const { page, looked, next, isEnd } = await this.#links.part(stream, { ...range, isForwards: false }, wanted);
    const events = [...before, ...page.events];
    if (isEnd || looked === 0) return { events, isEnd, next: null };
    const place = looked === undefined ? range.from : looked - 1;
    this.#back.keep(stream, place, { revision: next, behind: place, gone: NONE }, range.from);
    return { events, isEnd, next: place };
  }

  async #lastLink(stream: string): Promise<Back> {
    const { link, gone } = await this.#links.last(stream);
    return { revision: link?.revision, behind: link?.place ?? -1, gone };
  }

  /**
   * The revision behind the last link to an event before a place, by halving. Where a link leads is not known where its event is gone: then the next one tells, and none in
   * between is looked at again.
   */
  async #revisionAt(stream: string, place: number): Promise<number> {
    if (place === 0) return 0;
    let low = 0;
    let high = await this.#links.end(stream);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const link = await this.#links.firstBetween(stream, middle, high);
      if (link !== undefined && link.place < place) low = link.revision + 1;
      else high = middle;
    }
    return low;
  }
}

/** What is wanted of what has no link: an event that has one, and is gone for readers of its stream, does not come by another way. */
function without(selection: Selection, gone: ReadonlySet<string>): Selection {
  if (gone.size === 0) return selection;
  return { ...selection, isWanted: (event) => selection.isWanted(event) && !gone.has(`${event.version}@${event.stream}`) };
}

function bytesOf(events: readonly RecordedEvent[]): number {
  return events.reduce(
    (bytes, { data, metadata }) =>
      bytes + (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength) + Buffer.byteLength(metadata),
    0,
  );
}
