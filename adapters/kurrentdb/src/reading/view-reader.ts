import type { CategorySource, EventBatch, EventTypeSource, RecordedEvent } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { isHiddenCategory } from "./own-streams.ts";
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

/** Where in a stream of links a place of the log is: every link before `revision` leads to an event before `place`. */
interface Hint {
  readonly place: number;
  readonly revision: number;
}

const MAX_HINTS = 1_000;

/**
 * Reads categories and event types: by the links that the server keeps of them, as far as they go, and behind the last one from the log itself, since servers make links a
 * little later than events. Where a server makes none, all of it comes from the log.
 */
export class ViewReader {
  readonly #links: LinkReader;
  readonly #log: LogReader;
  readonly #hints = new Map<string, Hint>();

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
    const revision = await this.#revisionAt(stream, from);
    const { page, looked, next, isEnd, gone } = await this.#links.part(stream, { isForwards: true, from, revision }, { selection, room });
    if (looked !== undefined) this.#keep(stream, { place: looked + 1, revision: next });
    if (!isEnd) return { events: page.events, isEnd: false, next: (looked ?? from - 1) + 1 };
    const isBegun = page.events.length > 0;
    const tail = { isForwards: true, from: looked === undefined ? from : looked + 1 };
    const part = await this.#log.look(tail, { selection: without(selection, gone), room: page.left, isBegun });
    const events = [...page.events, ...part.events];
    const last = part.looked ?? looked ?? from - 1;
    return { events, isEnd: part.isEnd, next: part.isEnd ? Math.max(head, last) + 1 : last + 1 };
  }

  async #backwards({ stream, request, selection }: Viewed, from: number): Promise<PartOfLog> {
    const room = { events: request.maxEvents, bytes: request.maxBytes };
    const hint = this.#hints.get(stream);
    // It goes on where it has read to: nothing without a link lies before that.
    if (hint?.place === from + 1) return this.#linkedBackwards(stream, { from, revision: hint.revision - 1 }, { selection, room }, []);
    const { link: last, gone } = await this.#links.last(stream);
    const behind = last?.place ?? -1;
    let unlinked: readonly RecordedEvent[] = [];
    let left = room;
    if (from > behind) {
      const range = { isForwards: false, from, downTo: behind + 1 };
      const part = await this.#log.look(range, { selection: without(selection, gone), room });
      if (!part.isEnd) return { events: part.events, isEnd: false, next: Math.max((part.looked ?? from) - 1, 0) };
      unlinked = part.events;
      left = { events: room.events - unlinked.length, bytes: room.bytes - bytesOf(unlinked) };
    }
    if (last === undefined) return { events: unlinked, isEnd: true, next: null };
    if (left.events <= 0 || left.bytes <= 0) return { events: unlinked, isEnd: false, next: behind };
    const revision = from >= behind ? last.revision : (await this.#revisionAt(stream, from + 1)) - 1;
    const wanted = { selection, room: left, isBegun: unlinked.length > 0 };
    return this.#linkedBackwards(stream, { from: Math.min(from, behind), revision }, wanted, unlinked);
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
    if (looked === undefined) return { events, isEnd, next: range.from };
    this.#keep(stream, { place: looked, revision: next + 1 });
    return { events, isEnd, next: looked - 1 };
  }

  /** The revision at which links to events at or behind a place begin: from the last place that was read to, or by halving. */
  async #revisionAt(stream: string, place: number): Promise<number> {
    if (place === 0) return 0;
    const hint = this.#hints.get(stream);
    if (hint?.place === place) return hint.revision;
    const { link: last } = await this.#links.last(stream);
    let low = hint !== undefined && hint.place < place ? hint.revision : 0;
    let high = (last?.revision ?? -1) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const link = await this.#links.firstFrom(stream, middle);
      if (link !== undefined && link.place < place) low = link.revision + 1;
      else high = middle;
    }
    this.#keep(stream, { place, revision: low });
    return low;
  }

  #keep(stream: string, hint: Hint): void {
    if (this.#hints.size >= MAX_HINTS) this.#hints.clear();
    this.#hints.set(stream, hint);
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
