import { position, version, type Position, type Version } from "@reactive-domain/core";
import type { AppendItem, NewEvent, ReadSource, StreamInfo, StreamMetadata, StreamState, WriteItem } from "@reactive-domain/persistence";
import { categoryOf } from "@reactive-domain/persistence/adapter";
import { refusedText, resultText } from "./answer-text.ts";

/** An event as the model keeps it. */
export interface ModelEvent extends NewEvent {
  readonly stream: string;
  readonly version: Version;
  readonly position: Position;
}

/** What was said about a stream. */
interface Sayings {
  readonly deletedBefore: number;
  readonly isTombstoned: boolean;
  readonly metadata: StreamMetadata;
}

/** What a write comes to: the model afterwards, and the answers that are right. There are several where several items are in conflict. */
export interface ModelWrite {
  readonly model: StoreModel;
  readonly answers: readonly string[];
}

const NOTHING_SAID: Sayings = { deletedBefore: 0, isTombstoned: false, metadata: {} };

/** An event store as one list, as simple as it can be said. It is a value: what changes it gives another. */
export class StoreModel {
  /** Every event ever written: the index is the position. */
  readonly written: readonly ModelEvent[];
  readonly #removed: ReadonlySet<ModelEvent>;
  readonly #sayings: ReadonlyMap<string, Sayings>;

  constructor(
    written: readonly ModelEvent[] = [],
    sayings: ReadonlyMap<string, Sayings> = new Map(),
    removed: ReadonlySet<ModelEvent> = new Set(),
  ) {
    this.written = written;
    this.#sayings = sayings;
    this.#removed = removed;
  }

  /** Differs where later answers may differ, for models that hold the same events. */
  get key(): string {
    const sayings = [...this.#sayings].toSorted(([one], [other]) => (one < other ? -1 : 1));
    return JSON.stringify([this.written.map(({ id, stream }) => [id, stream]), this.#removed.size, sayings]);
  }

  get head(): Position | null {
    return this.written.at(-1)?.position ?? null;
  }

  /** The events of a source that a read gives, in the order of the log. */
  shown(source: ReadSource): readonly ModelEvent[] {
    const there = this.written.filter((event) => !this.#removed.has(event) && holds(source, event));
    return "stream" in source ? there.filter((event) => event.version >= this.#firstShown(source.stream)) : there;
  }

  info(stream: string): StreamInfo {
    const size = this.#sizeOf(stream);
    const [first] = this.shown({ stream });
    const lastVersion = size === 0 ? null : version(size - 1);
    return {
      stream,
      state: this.#stateOf(stream),
      lastVersion,
      firstVersion: first?.version ?? null,
      metadata: this.#said(stream).metadata,
    };
  }

  /** The version of a stream's last event, as its readers and writers see it. */
  lastVersion(stream: string): Version | null {
    return this.#stateOf(stream) === "live" ? version(this.#sizeOf(stream) - 1) : null;
  }

  write(items: readonly WriteItem[]): ModelWrite {
    const appends = items.filter((item) => item.kind === "append");
    const places = appends.map(({ stream, events }) => events.map(({ id }) => this.#find(stream, id)));
    if (places.length > 0 && places.every(isRun))
      return {
        model: this,
        answers: [
          resultText(
            places.flatMap((run) => run.at(-1) ?? []),
            true,
          ),
        ],
      };
    if (places.flat().some((place) => place !== undefined)) return { model: this, answers: [refusedText("event-already-recorded")] };
    const refusals = items.flatMap((item) => this.#refusal(item) ?? []);
    if (refusals.length > 0) return { model: this, answers: refusals };
    const written = appends.reduce(append, this.written);
    const sayings = new Map(this.#sayings);
    for (const item of items) if ("stream" in item) sayings.set(item.stream, this.#saying(item, sayings.get(item.stream) ?? NOTHING_SAID));
    const lasts = appends.flatMap(({ stream }) => written.findLast((event) => event.stream === stream) ?? []);
    return { model: new StoreModel(written, sayings, this.#removed), answers: [resultText(lasts, false)] };
  }

  /** Removes what streams hide; `removed` is what went now. */
  scavenge(): { readonly model: StoreModel; readonly removed: readonly ModelEvent[] } {
    const isHidden = (event: ModelEvent): boolean => event.version < this.#firstShown(event.stream);
    const removed = this.written.filter((event) => !this.#removed.has(event) && isHidden(event));
    return { model: new StoreModel(this.written, this.#sayings, new Set([...this.#removed, ...removed])), removed };
  }

  #refusal(item: WriteItem): string | undefined {
    if (!("expectedVersion" in item)) return undefined;
    if (this.#said(item.stream).isTombstoned) return item.kind === "tombstone" ? undefined : refusedText("stream-tombstoned");
    const actual = this.lastVersion(item.stream);
    const { expectedVersion: expected } = item;
    const isRight = { any: true, noStream: actual === null, exists: actual !== null }[String(expected)] ?? expected === actual;
    return isRight ? undefined : refusedText("wrong-expected-version", { stream: item.stream, expected, actual });
  }

  #saying(item: WriteItem & { readonly stream: string }, before: Sayings): Sayings {
    if (item.kind === "metadata") return { ...before, metadata: item.metadata };
    if (item.kind === "append" || item.kind === "expect") return before;
    return { ...before, deletedBefore: this.#sizeOf(item.stream), isTombstoned: before.isTombstoned || item.kind === "tombstone" };
  }

  #said(stream: string): Sayings {
    return this.#sayings.get(stream) ?? NOTHING_SAID;
  }

  #sizeOf(stream: string): number {
    return this.written.filter((event) => event.stream === stream).length;
  }

  #stateOf(stream: string): StreamState {
    const { deletedBefore, isTombstoned } = this.#said(stream);
    if (isTombstoned) return "tombstoned";
    const size = this.#sizeOf(stream);
    if (size === 0) return "missing";
    return deletedBefore === size ? "deleted" : "live";
  }

  #firstShown(stream: string): number {
    const { deletedBefore, metadata } = this.#said(stream);
    const { maxCount = Number.POSITIVE_INFINITY, truncateBefore = 0 } = metadata;
    return Math.max(deletedBefore, truncateBefore, this.#sizeOf(stream) - maxCount);
  }

  #find(stream: string, id: string): ModelEvent | undefined {
    return this.written.find((event) => event.stream === stream && event.id === id && !this.#removed.has(event));
  }
}

/** Whether a source, regardless of what its stream hides, holds an event. */
export function holds(source: ReadSource, { stream, type }: ModelEvent): boolean {
  if ("stream" in source) return stream === source.stream;
  if ("category" in source) return categoryOf(stream) === source.category;
  return "eventType" in source ? type === source.eventType : true;
}

function append(written: readonly ModelEvent[], { stream, events }: AppendItem): readonly ModelEvent[] {
  const size = written.filter((event) => event.stream === stream).length;
  return [
    ...written,
    ...events.map((event, index) => ({ ...event, stream, version: version(size + index), position: position(written.length + index) })),
  ];
}

/** Whether all were found, one behind the other. */
function isRun(places: readonly (ModelEvent | undefined)[]): boolean {
  return places.every((place, index) => place !== undefined && place.version === (places[0]?.version ?? 0) + index);
}
