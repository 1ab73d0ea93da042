import type { ExpectedVersion } from "@reactive-domain/core";
import type { EventFilter, ReadSource } from "@reactive-domain/persistence";
import { categoryOf } from "@reactive-domain/persistence/adapter";

export interface ModelEvent {
  readonly stream: string;
  readonly version: number;
  readonly position: number;
  readonly id: string;
  readonly type: string;
}

export interface ModelItem {
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly { readonly id: string; readonly type: string }[];
}

export interface ModelRead {
  readonly source: ReadSource;
  readonly direction: "forwards" | "backwards";
  readonly from: "start" | "end" | { readonly at: number } | { readonly after: number };
  readonly limit: number;
  readonly filter: EventFilter;
}

/** What a write comes to: the code of its error, or whether it was repeated, and the version and position of each stream's last event. */
export type ModelOutcome =
  | string
  | { readonly repeated: boolean; readonly streams: readonly (readonly [stream: string, version: number, position: number])[] };

/** An event store as one list, as simple as it can be said. */
export class EventStoreModel {
  readonly log: ModelEvent[] = [];

  write(items: readonly ModelItem[]): ModelOutcome {
    const found = items.map(({ stream, events }) => events.map(({ id }) => this.#in(stream).findIndex((event) => event.id === id)));
    const isRun = (versions: readonly number[]): boolean =>
      versions.every((version, index) => version !== -1 && version === (versions[0] ?? 0) + index);
    if (found.every(isRun))
      return { repeated: true, streams: items.map(({ stream }, index) => this.#place(stream, found[index]?.at(-1) ?? -1)) };
    if (found.flat().some((version) => version !== -1)) return "event-already-recorded";
    if (!items.every((item) => this.#fits(item))) return "wrong-expected-version";
    return { repeated: false, streams: items.map((item) => this.#append(item)) };
  }

  read({ source, direction, from, limit, filter }: ModelRead): readonly ModelEvent[] {
    const cursorOf = (event: ModelEvent): number => ("stream" in source ? event.version : event.position);
    const selected = this.log.filter((event) => holds(source, event) && selects(filter, event));
    const sign = direction === "forwards" ? 1 : -1;
    const isBehind = (event: ModelEvent): boolean => {
      if (from === "start") return direction === "forwards";
      if (from === "end") return direction === "backwards";
      const distance = sign * (cursorOf(event) - ("at" in from ? from.at : from.after));
      return "at" in from ? distance >= 0 : distance > 0;
    };
    return (direction === "forwards" ? selected : selected.toReversed()).filter(isBehind).slice(0, limit);
  }

  #in(stream: string): readonly ModelEvent[] {
    return this.log.filter((event) => event.stream === stream);
  }

  #fits({ stream, expectedVersion }: ModelItem): boolean {
    const last = this.#in(stream).length - 1;
    if (expectedVersion === "any") return true;
    if (expectedVersion === "noStream") return last === -1;
    return expectedVersion === "exists" ? last >= 0 : expectedVersion === last;
  }

  #append({ stream, events }: ModelItem): readonly [string, number, number] {
    for (const { id, type } of events) this.log.push({ stream, version: this.#in(stream).length, position: this.log.length, id, type });
    return this.#place(stream, this.#in(stream).length - 1);
  }

  #place(stream: string, version: number): readonly [string, number, number] {
    return [stream, version, this.#in(stream)[version]?.position ?? -1];
  }
}

function holds(source: ReadSource, event: ModelEvent): boolean {
  if ("stream" in source) return event.stream === source.stream;
  if ("category" in source) return categoryOf(event.stream) === source.category;
  return "eventType" in source ? event.type === source.eventType : true;
}

function selects({ types, streamPrefix = "" }: EventFilter, event: ModelEvent): boolean {
  return (types === undefined || types.includes(event.type)) && event.stream.startsWith(streamPrefix);
}
