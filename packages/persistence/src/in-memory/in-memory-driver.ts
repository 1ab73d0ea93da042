import { currentRuntime, position, version, type Runtime, type Version } from "@reactive-domain/core";
import { categoryOf } from "../adapter/category.ts";
import type { EventStoreDriver, PageRequest } from "../adapter/driver.ts";
import { lastPosition, planWrite, type EventPlace, type StoreView } from "../adapter/plan-write.ts";
import type { EventBatch, EventFilter, ReadSource } from "../read.ts";
import type { RecordedEvent } from "../recorded-event.ts";
import { KeptEvent } from "./kept-event.ts";
import type { AppendItem, StreamResult, WriteItem, WriteResult } from "../write.ts";

type EventList = RecordedEvent[];

/**
 * The store as plain data: the log is a list, whose index is the position; every stream, category and type is a list of the same events, in the same order.
 * JavaScript runs one thing at a time, so a write that is decided and done without waiting in between is atomic.
 */
export class InMemoryDriver implements EventStoreDriver, StoreView {
  readonly name = "The in-memory store";
  readonly durability = "none: it lives as long as its process";
  readonly #runtime: Runtime = currentRuntime();
  readonly #log: EventList = [];
  readonly #streams = new Map<string, EventList>();
  readonly #categories = new Map<string, EventList>();
  readonly #types = new Map<string, EventList>();
  readonly #byId = new Map<string, RecordedEvent>();
  readonly #listeners = new Set<() => void>();
  #accepted: Promise<void> = Promise.resolve();

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await this.#inOrder(turn);
    const repeated = planWrite(items, this);
    if (repeated !== undefined) return repeated;
    const timeMs = this.#runtime.clock.now();
    const streams = items.map((item) => this.#append(item, timeMs));
    for (const listener of this.#listeners) listener();
    return { position: lastPosition(streams), streams, repeated: false };
  }

  readPage(request: PageRequest): EventBatch {
    const list = this.#listOf(request.source);
    const isStream = "stream" in request.source;
    const page = request.direction === "forwards" ? readForwards(list, request, isStream) : readBackwards(list, request, isStream);
    const head = this.#log.at(-1)?.position ?? null;
    const end = isStream ? list.length : this.#log.length;
    const next = request.direction === "forwards" && page.isEnd ? end : page.next;
    return { events: page.events, isEnd: page.isEnd, next, head, lastVersion: isStream ? (list.at(-1)?.version ?? null) : undefined };
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#accepted;
    this.#listeners.clear();
  }

  lastVersion(stream: string): Version | null {
    return this.#streams.get(stream)?.at(-1)?.version ?? null;
  }

  find(stream: string, eventId: string): EventPlace | undefined {
    return this.#byId.get(idIn(stream, eventId));
  }

  /** Turns come in any order; writes are done in the order of the calls. */
  #inOrder(turn: Promise<void>): Promise<void> {
    this.#accepted = this.#accepted.then(() => turn);
    return this.#accepted;
  }

  #append({ stream, events }: AppendItem, timeMs: number): StreamResult {
    const list = listIn(this.#streams, stream);
    const category = listIn(this.#categories, categoryOf(stream));
    for (const event of events) {
      const kept = new KeptEvent(event, { stream, version: version(list.length), position: position(this.#log.length), timeMs });
      this.#log.push(kept);
      list.push(kept);
      category.push(kept);
      listIn(this.#types, kept.type).push(kept);
      this.#byId.set(idIn(stream, kept.id), kept);
    }
    const last = list.at(-1) as RecordedEvent;
    return { stream, version: last.version, position: last.position };
  }

  #listOf(source: ReadSource): EventList {
    if ("stream" in source) return this.#streams.get(source.stream) ?? [];
    if ("category" in source) return this.#categories.get(source.category) ?? [];
    if ("eventType" in source) return this.#types.get(source.eventType) ?? [];
    return this.#log;
  }
}

interface Page {
  readonly events: EventList;
  readonly isEnd: boolean;
  readonly next: number | null;
}

function readForwards(list: EventList, { from, maxEvents, filter }: PageRequest, isStream: boolean): Page {
  const events: EventList = [];
  let index = indexOf(list, from as number, isStream);
  for (; index < list.length && events.length < maxEvents; index++) {
    const event = list[index] as RecordedEvent;
    if (selects(filter, event)) events.push(event);
  }
  const last = events.at(-1);
  return { events, isEnd: index >= list.length, next: last === undefined ? null : cursorOf(last, isStream) + 1 };
}

function readBackwards(list: EventList, { from, maxEvents, filter }: PageRequest, isStream: boolean): Page {
  const events: EventList = [];
  let index = (from === "end" ? list.length : indexOf(list, from + 1, isStream)) - 1;
  for (; index >= 0 && events.length < maxEvents; index--) {
    const event = list[index] as RecordedEvent;
    if (selects(filter, event)) events.push(event);
  }
  const following = list[index];
  return { events, isEnd: index < 0, next: following === undefined ? null : cursorOf(following, isStream) };
}

/** The index of the first event at or behind a cursor: the cursor itself in a stream and in the whole log, by bisection in a part of the log. */
function indexOf(list: EventList, cursor: number, isStream: boolean): number {
  if (isStream) return Math.min(cursor, list.length);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as RecordedEvent).position < cursor) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cursorOf(event: RecordedEvent, isStream: boolean): number {
  return isStream ? event.version : event.position;
}

function selects(filter: EventFilter | undefined, event: RecordedEvent): boolean {
  if (filter === undefined) return true;
  return (filter.types?.includes(event.type) ?? true) && event.stream.startsWith(filter.streamPrefix ?? "");
}

/** An event's identity: its id counts within its stream. */
function idIn(stream: string, eventId: string): string {
  return eventId + stream;
}

function listIn(lists: Map<string, EventList>, key: string): EventList {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}
