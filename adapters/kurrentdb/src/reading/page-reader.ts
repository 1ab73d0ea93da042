import { position } from "@reactive-domain/core";
import type { EventBatch, RecordedEvent } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { StreamStates } from "../streams/stream-states.ts";
import type { LogReader } from "./log-reader.ts";
import { isOwnStream } from "./own-streams.ts";
import { selectionOf } from "./selection.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { PartOfLog, ViewReader } from "./view-reader.ts";

export interface PageReaderParts {
  readonly log: LogReader;
  readonly streams: StreamReader;
  readonly states: StreamStates;
  readonly views: ViewReader;
}

/** Reads pages of every source. The end of the log is looked at before: a page that comes to an end has all that was there up to then. */
export class PageReader {
  readonly #parts: PageReaderParts;

  constructor(parts: PageReaderParts) {
    this.#parts = parts;
  }

  async page(request: PageRequest): Promise<EventBatch> {
    const { source } = request;
    // Before the first place there is nothing; the rest of the page is that of its last event.
    if (request.from !== "end" && request.from < 0)
      return { ...(await this.page({ ...request, from: "end" })), events: [], isEnd: true, next: null };
    const head = (await this.#parts.log.head()) ?? -1;
    if ("stream" in source) {
      const page = await this.#streamPage(source.stream, request);
      return { ...page, head: headOf(head, page.events) };
    }
    const page = "all" in source ? await this.#logPage(request, head) : await this.#parts.views.page(source, request, head);
    return { ...page, head: headOf(head, page.events), lastVersion: undefined };
  }

  async #streamPage(stream: string, request: PageRequest): Promise<Omit<EventBatch, "head">> {
    const { streams, states } = this.#parts;
    const isForwards = request.direction === "forwards";
    if (isOwnStream(stream)) return { events: [], isEnd: true, next: isForwards ? 0 : null, lastVersion: null };
    const page = await streams.page(stream, request);
    if (page.lastVersion !== null) return page;
    // It shows nothing: that it has no events, or hides all of them, is told apart.
    const { state, lastVersion } = await states.head(stream);
    if (state !== "live" || lastVersion === null) return page;
    return { ...page, lastVersion, next: isForwards ? lastVersion + 1 : null };
  }

  async #logPage(request: PageRequest, head: number): Promise<PartOfLog> {
    const { direction, from, maxEvents, maxBytes, source, filter } = request;
    const isForwards = direction === "forwards";
    if (isForwards && (from === "end" || from > head)) return { events: [], isEnd: true, next: head + 1 };
    const wanted = { selection: selectionOf(source, filter), room: { events: maxEvents, bytes: maxBytes } };
    const { events, isEnd, looked } = await this.#parts.log.look({ isForwards, from }, wanted);
    if (!isForwards) return { events, isEnd, next: isEnd || looked === 0 ? null : (looked ?? head + 1) - 1 };
    const last = looked ?? (from as number) - 1;
    return { events, isEnd, next: isEnd ? Math.max(head, last) + 1 : last + 1 };
  }
}

function headOf(before: number, events: readonly RecordedEvent[]): EventBatch["head"] {
  const head = events.reduce((highest, event) => Math.max(highest, event.position), before);
  return head < 0 ? null : position(head);
}
