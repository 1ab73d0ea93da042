import { position, type Position } from "@reactive-domain/core";
import { categoryOf } from "../adapter/category.ts";
import type { EventPlace, StoreView } from "../adapter/plan-write.ts";
import type { ScavengeResult } from "../event-store.ts";
import type { ReadSource } from "../read.ts";
import type { NewEvent } from "../recorded-event.ts";
import type { AppendItem, StreamResult } from "../write.ts";
import { EventIds } from "./event-ids.ts";
import { indexAt } from "./event-list.ts";
import { KeptEvent } from "./kept-event.ts";
import { StreamRecord } from "./stream-record.ts";

const positionOf = (event: KeptEvent): number => event.position;

/** Every event once in the order of the log, and again in the lists of its stream, category and type. */
export class EventLog implements StoreView {
  #all: KeptEvent[] = [];
  readonly #streams = new Map<string, StreamRecord>();
  readonly #categories = new Map<string, KeptEvent[]>();
  readonly #types = new Map<string, KeptEvent[]>();
  readonly #ids = new EventIds();
  #next = 0;
  #lastTimeMs = 0;
  /** No event is larger than this. */
  maxEventBytes = 0;

  /** The position of the last event ever written; `null` before the first. */
  get headPosition(): Position | null {
    return this.#next === 0 ? null : position(this.#next - 1);
  }

  /** When that was committed; 0 before the first. */
  get headTimeMs(): number {
    return this.#lastTimeMs;
  }

  get streams(): Iterable<StreamRecord> {
    return this.#streams.values();
  }

  /** The event at a position, if it is still there. */
  at(place: number): KeptEvent | undefined {
    const event = this.#all[indexAt(this.#all, place, positionOf)];
    return event?.position === place ? event : undefined;
  }

  head(stream: string): StreamRecord {
    return this.#streams.get(stream) ?? new StreamRecord(stream);
  }

  find(stream: string, eventId: string): EventPlace | undefined {
    return this.#ids.find(stream, eventId);
  }

  /** The list of a source, in the order of the log. */
  listOf(source: ReadSource): readonly KeptEvent[] {
    if ("stream" in source) return this.#streams.get(source.stream)?.events ?? [];
    if ("category" in source) return this.#categories.get(source.category) ?? [];
    if ("eventType" in source) return this.#types.get(source.eventType) ?? [];
    return this.#all;
  }

  /** The events of a source from a position on. */
  *from(source: ReadSource, first: number): Iterable<KeptEvent> {
    const list = this.listOf(source);
    for (let index = indexAt(list, first, positionOf); index < list.length; index++) yield list[index] as KeptEvent;
  }

  append({ stream, events }: AppendItem, nowMs: number): StreamResult {
    const record = this.record(stream);
    const category = listIn(this.#categories, categoryOf(stream));
    // The clock may go back; the log does not.
    this.#lastTimeMs = Math.max(this.#lastTimeMs, nowMs);
    for (const event of events) {
      const placement = { stream, version: record.nextVersion, position: position(this.#next), timeMs: this.#lastTimeMs };
      this.#keep(new KeptEvent(event, placement), record, category);
    }
    const last = record.events.at(-1) as KeptEvent;
    return { stream, version: last.version, position: last.position };
  }

  /** Puts an event that has its place already behind the last one. */
  keep(event: KeptEvent): void {
    this.#keep(event, this.record(event.stream), listIn(this.#categories, categoryOf(event.stream)));
    this.#lastTimeMs = event.timeMs;
  }

  /** Says where the log ends, where its last events are not there any more. */
  endAt(head: Position, timeMs: number): void {
    this.#next = head + 1;
    this.#lastTimeMs = timeMs;
  }

  /** A stream's record, to be changed. */
  record(stream: string): StreamRecord {
    let record = this.#streams.get(stream);
    if (record === undefined) {
      record = new StreamRecord(stream);
      this.#streams.set(stream, record);
    }
    return record;
  }

  /** Removes what its stream hides, and tells which. Records of streams stay: their versions go on. */
  scavenge(nowMs: number): ScavengeResult & { readonly removed: ReadonlySet<KeptEvent> } {
    const removed = new Set<KeptEvent>();
    for (const record of this.#streams.values()) {
      const shown = record.firstShown(nowMs);
      for (const event of record.events) if (event.version < shown) removed.add(event);
      record.events = record.events.filter((event) => !removed.has(event));
    }
    let bytes = 0;
    for (const event of removed) bytes += event.bytes;
    this.#all = this.#all.filter((event) => !removed.has(event));
    for (const lists of [this.#categories, this.#types]) removeFrom(lists, removed);
    for (const event of removed) this.#ids.remove(event);
    return { events: removed.size, bytes, removed };
  }

  #keep(event: KeptEvent, record: StreamRecord, category: KeptEvent[]): void {
    record.append(event);
    this.maxEventBytes = Math.max(this.maxEventBytes, mostBytes(event));
    this.#all.push(event);
    category.push(event);
    listIn(this.#types, event.type).push(event);
    this.#ids.add(event);
    this.#next = event.position + 1;
  }
}

/** UTF-8 takes at most three bytes for a UTF-16 unit. */
function mostBytes({ data, metadata }: Pick<NewEvent, "data" | "metadata">): number {
  return (data.length + metadata.length) * 3;
}

function removeFrom(lists: Map<string, KeptEvent[]>, removed: ReadonlySet<KeptEvent>): void {
  for (const [key, list] of lists) {
    const kept = list.filter((event) => !removed.has(event));
    if (kept.length === 0) lists.delete(key);
    else lists.set(key, kept);
  }
}

function listIn(lists: Map<string, KeptEvent[]>, key: string): KeptEvent[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}
