import type { Clock } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import type { LogReader } from "../reading/log-reader.ts";
import { selectionOf, type Selection } from "../reading/selection.ts";
import type { StreamReader } from "../reading/stream-reader.ts";
import type { GroupRecord } from "./group-record.ts";

/** What has to come for a group to have all that is in the log. */
export interface FeedTarget {
  /** The end of the log. */
  readonly head: number;
  /** The last event up to there that is sent; `undefined` where that has come before. */
  readonly last: number | undefined;
}

export interface FeedLevelParts {
  readonly log: LogReader;
  readonly streams: StreamReader;
  readonly clock: Clock;
}

/** How long it is believed that nothing new is in the log: what comes is told by itself. */
const FRESH_MS = 100;
const ONE = { events: 1, bytes: Number.POSITIVE_INFINITY };

/** How far what a server sends of a group has come. A server does not tell that there is nothing more: the log is asked. */
export class FeedLevel {
  readonly #record: GroupRecord;
  readonly #selection: Selection;
  readonly #log: LogReader;
  readonly #clock: Clock;
  readonly #streams: StreamReader;
  readonly #expected = new Set<number>();
  #seen = -1;
  #level: number;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(record: GroupRecord, { log, streams, clock }: FeedLevelParts) {
    this.#record = record;
    this.#selection = selectionOf(record.definition.source, record.definition.filter);
    this.#log = log;
    this.#clock = clock;
    this.#streams = streams;
    this.#level = record.after;
  }

  /** Everything of the group up to this position has come to this process once, or will not come. */
  get place(): number {
    return this.#level;
  }

  /** Whether an event that was sent is of the group. */
  isWanted(event: RecordedEvent): boolean {
    return event.position > this.#record.after && this.#selection.isWanted(event);
  }

  arrived(place: number): void {
    this.#seen = Math.max(this.#seen, place);
    this.#expected.delete(place);
  }

  /** These come again. */
  expect(places: Iterable<number>): void {
    for (const place of places) this.#expected.add(place);
  }

  /** These do not come after all. */
  giveUp(places: Iterable<number>): void {
    for (const place of places) this.#expected.delete(place);
  }

  /** The end of the log may be one that was looked at a moment ago, where this process knows of nothing behind it. */
  async target(): Promise<FeedTarget> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#log.seen <= this.#level && nowMs - this.#lookedMs < FRESH_MS) return { head: this.#level, last: undefined };
    const head = (await this.#log.head()) ?? -1;
    this.#lookedMs = nowMs;
    return { head, last: head <= this.#level ? undefined : await this.#lastUpTo(head) };
  }

  has({ last }: FeedTarget): boolean {
    return this.#expected.size === 0 && (last === undefined || last <= this.#seen);
  }

  /** What has not come up to there is not waited for any more. */
  reach({ head }: FeedTarget): void {
    this.#level = Math.max(this.#level, head);
    this.#expected.clear();
  }

  async #lastUpTo(head: number): Promise<number | undefined> {
    const { source } = this.#record.definition;
    if ("stream" in source) return (await this.#streams.last(source.stream)).event?.position;
    const range = { isForwards: false, downTo: this.#level + 1 };
    for (let from = head; from > this.#level;) {
      const { events, isEnd, looked } = await this.#log.look({ ...range, from }, { selection: this.#selection, room: ONE });
      if (events[0] !== undefined) return events[0].position;
      if (isEnd || looked === undefined) return undefined;
      from = looked - 1;
    }
    return undefined;
  }
}
