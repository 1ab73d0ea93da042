import type { Version } from "@reactive-domain/core";
import type { EventBatch, RecordedEvent } from "@reactive-domain/persistence";
import { selects, type PageRequest } from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import { isTombstoned } from "../connection/kurrent-failure.ts";
import { readEvents, type WireEntry } from "../wire/read-events.ts";
import { recordedEventOf } from "../wire/recorded-event-of.ts";
import { Page } from "./page.ts";

/** What a stream shows of itself at one of its ends. */
export interface StreamEnd {
  /** `hidden`: it shows no event, whether or not it has any. */
  readonly state: "shown" | "hidden" | "tombstoned";
  readonly event: RecordedEvent | undefined;
}

type StreamPage = Pick<EventBatch, "events" | "next" | "isEnd" | "lastVersion">;

/** Reads streams of a server. */
export class StreamReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The last event that a stream shows. */
  last(stream: string): Promise<StreamEnd> {
    return this.#end(stream, true);
  }

  /** The first event that a stream shows. */
  first(stream: string): Promise<StreamEnd> {
    return this.#end(stream, false);
  }

  /** Reads some events of a stream from a revision on. */
  async events(stream: string, from: number | undefined, count: number, isBackwards = false): Promise<readonly RecordedEvent[]> {
    return this.#connection.run(async (client) => {
      const events: RecordedEvent[] = [];
      const take = ({ event }: WireEntry): boolean => {
        if (event !== undefined) events.push(recordedEventOf(event));
        return events.length === count;
      };
      await readEvents(client, { stream, isBackwards, from, count }, { timeoutMs: this.#connection.settings.answerTimeoutMs, take });
      return events;
    });
  }

  /** A page of a stream. What it has at its end is told by the page itself where that comes so far. */
  async page(stream: string, request: PageRequest): Promise<StreamPage> {
    try {
      return await this.#page(stream, request);
    } catch (error) {
      if (isTombstoned(error)) return nothing(request);
      throw error;
    }
  }

  async #page(stream: string, request: PageRequest): Promise<StreamPage> {
    const { direction, from, filter, maxEvents, maxBytes } = request;
    const isForwards = direction === "forwards";
    const count = maxEvents + 1;
    const read = { stream, isBackwards: !isForwards, from: from === "end" ? undefined : from, count };
    const { page, looks, looked, isFound } = await this.#connection.run(async (client) => {
      const found = new Page({ events: maxEvents, bytes: maxBytes });
      let looksSoFar = 0;
      let lookedAt: Version | undefined;
      const take = ({ event: record }: WireEntry): boolean => {
        looksSoFar++;
        if (record === undefined) return false;
        const event = recordedEventOf(record);
        if (selects(filter ?? {}, event) && !found.take(event)) return true;
        lookedAt = event.version;
        return false;
      };
      const exists = await readEvents(client, read, { timeoutMs: this.#connection.settings.answerTimeoutMs, take });
      return { page: found, looks: looksSoFar, looked: lookedAt, isFound: exists };
    });
    if (!isFound) return nothing(request);
    const hasFollowing = page.isFull || looks === count;
    const lastVersion = isForwards && !hasFollowing && looked !== undefined ? looked : await this.#lastVersion(stream);
    if (lastVersion === null) return nothing(request);
    const behind = isForwards ? lastVersion + 1 : null;
    const beyond = isForwards ? (looked ?? (from as number)) + 1 : (looked ?? 0) - 1;
    return { events: page.events, isEnd: !hasFollowing, next: hasFollowing ? beyond : behind, lastVersion };
  }

  async #lastVersion(stream: string): Promise<Version | null> {
    return (await this.last(stream)).event?.version ?? null;
  }

  async #end(stream: string, isLast: boolean): Promise<StreamEnd> {
    try {
      const [event] = await this.events(stream, isLast ? undefined : 0, 1, isLast);
      return { state: event === undefined ? "hidden" : "shown", event };
    } catch (error) {
      if (isTombstoned(error)) return { state: "tombstoned", event: undefined };
      throw error;
    }
  }
}

function nothing({ direction }: PageRequest): StreamPage {
  return { events: [], isEnd: true, next: direction === "forwards" ? 0 : null, lastVersion: null };
}
