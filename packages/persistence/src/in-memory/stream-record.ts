import { version, type Version } from "@reactive-domain/core";
import type { StreamHead } from "../adapter/plan-write.ts";
import type { StreamLifeRecord } from "../store-record.ts";
import type { StreamInfo, StreamMetadata, StreamState } from "../stream-metadata.ts";
import { indexAt } from "./event-list.ts";
import type { KeptEvent } from "./kept-event.ts";

/** One stream: its events, and what hides some of them. It stays when they are gone, so that versions go on. */
export class StreamRecord implements StreamHead {
  readonly name: string;
  events: KeptEvent[] = [];
  #metadata: StreamMetadata = {};
  #next = 0;
  /** Versions below are deleted. */
  #deletedBefore = 0;
  #isTombstoned = false;

  constructor(name: string) {
    this.name = name;
  }

  get lastVersion(): Version | null {
    return this.#next === 0 ? null : version(this.#next - 1);
  }

  get nextVersion(): Version {
    return version(this.#next);
  }

  get state(): StreamState {
    if (this.#isTombstoned) return "tombstoned";
    if (this.#next === 0) return "missing";
    return this.#deletedBefore === this.#next ? "deleted" : "live";
  }

  append(event: KeptEvent): void {
    this.events.push(event);
    this.#next = event.version + 1;
  }

  /** All that is known of it beside its events. */
  get life(): StreamLifeRecord {
    return {
      kind: "stream",
      stream: this.name,
      lastVersion: this.lastVersion,
      deletedBefore: this.#deletedBefore,
      isTombstoned: this.#isTombstoned,
      metadata: structuredClone(this.#metadata),
    };
  }

  /** Becomes as another store knew it. */
  restore({ lastVersion, deletedBefore, isTombstoned, metadata }: StreamLifeRecord): void {
    this.#next = (lastVersion ?? -1) + 1;
    this.#deletedBefore = deletedBefore;
    this.#isTombstoned = isTombstoned;
    this.describe(metadata);
  }

  delete(): void {
    this.#deletedBefore = this.#next;
  }

  /** Whether a version was deleted with the stream, whether or not it was written again since. */
  hasDeleted(place: number): boolean {
    return place < this.#deletedBefore;
  }

  /** Keeps a copy, without properties that are `undefined`. */
  describe(metadata: StreamMetadata): void {
    this.#metadata = JSON.parse(JSON.stringify(metadata)) as StreamMetadata;
  }

  tombstone(): void {
    this.#isTombstoned = true;
    this.delete();
  }

  /** The first version that a read shows now; one behind the last where it shows none. */
  firstShown(nowMs: number): number {
    const { maxCount, maxAgeMs, truncateBefore = 0 } = this.#metadata;
    const byCount = maxCount === undefined ? 0 : this.#next - maxCount;
    const byAge = maxAgeMs === undefined ? 0 : this.#firstSince(nowMs - maxAgeMs);
    return Math.min(this.#next, Math.max(this.#deletedBefore, truncateBefore, byCount, byAge));
  }

  info(nowMs: number): StreamInfo {
    const { name, state, lastVersion } = this;
    const shown = this.firstShown(nowMs);
    const first = this.events.find((event) => event.version >= shown);
    return { stream: name, state, lastVersion, firstVersion: first?.version ?? null, metadata: structuredClone(this.#metadata) };
  }

  /** The version of the first event committed at or after a time. Times do not go back within a stream. */
  #firstSince(timeMs: number): number {
    return this.events[indexAt(this.events, timeMs, ({ timeMs: committedMs }) => committedMs)]?.version ?? this.#next;
  }
}
