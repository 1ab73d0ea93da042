import { LoopShare, type Runtime } from "@reactive-domain/core";
import type { EventBatch, EventRead, UpTo } from "../read.ts";
import type { RecordedEvent } from "../recorded-event.ts";
import { answerWithin } from "./answer-within.ts";
import { cutBatch } from "./cut-batch.ts";
import type { MaybePromise, PageRequest } from "./driver.ts";
import { EventByEvent } from "./event-by-event.ts";
import { lastWithin } from "./last-within.ts";

/** What a read needs beside its first page's request. */
export interface ReaderOptions {
  readonly readPage: (request: PageRequest) => MaybePromise<EventBatch>;
  /** Reads the first page, where that is not as the others are. */
  readonly readFirst?: (request: PageRequest) => MaybePromise<EventBatch>;
  readonly limit: number;
  readonly upTo: UpTo | undefined;
  readonly signal: AbortSignal | undefined;
  readonly runtime: Runtime;
}

/** Reads page after page, and lets the event loop turn in between. */
export class EventReader implements EventRead {
  readonly #first: PageRequest;
  readonly #options: ReaderOptions;

  constructor(first: PageRequest, options: ReaderOptions) {
    this.#first = first;
    this.#options = options;
  }

  async *batches(): AsyncGenerator<EventBatch, void, undefined> {
    const { limit, readPage, readFirst = readPage, runtime, signal, upTo } = this.#options;
    const share = new LoopShare(runtime);
    let remaining = limit;
    let request = upTo === undefined || this.#first.direction === "forwards" ? this.#first : await this.#within(upTo);
    for (let read = readFirst; ; read = readPage) {
      const turn = runtime.scheduler.turn();
      if (turn !== undefined) await turn;
      signal?.throwIfAborted();
      const whole = await answerWithin(read({ ...request, maxEvents: Math.min(request.maxEvents, remaining) }), signal);
      const page = upTo === undefined ? whole : cutBatch(whole, upTo, request.direction);
      yield page;
      remaining -= page.events.length;
      if (page.isEnd || page.next === null || remaining <= 0) return;
      request = { ...request, from: page.next };
      const pause = share.pause();
      if (pause !== undefined) await pause;
    }
  }

  /** Read backwards, what lies behind the end of the read comes first: it is passed over, but for what is written meanwhile. */
  async #within(upTo: UpTo): Promise<PageRequest> {
    const { readPage, signal } = this.#options;
    const { from } = this.#first;
    signal?.throwIfAborted();
    const last = await lastWithin((request) => answerWithin(readPage(request), signal), this.#first, upTo);
    if (last === undefined) return this.#first;
    return { ...this.#first, from: from === "end" ? last : Math.min(from, last) };
  }

  [Symbol.asyncIterator](): AsyncIterator<RecordedEvent> {
    return new EventByEvent(this.batches(), (batch) => batch.events);
  }
}
