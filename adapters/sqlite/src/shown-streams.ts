import { version, type Clock, type Position } from "@reactive-domain/core";
import type { StreamInfo, StreamMetadata, StreamState } from "@reactive-domain/persistence";
import type { Database, Statement } from "better-sqlite3";
import { LAST_VERSION } from "./last-version.ts";
import { LOG_HEAD } from "./log-head.ts";
import { stateOf } from "./stream-state.ts";

/** A stream as its readers find it. */
export interface ShownStream {
  readonly id: number;
  readonly state: StreamState;
  /** That of the last event ever written, or -1. */
  readonly version: number;
  /** The first version that is shown now; one behind the last where none is. Whether it is still in the log is not said. */
  readonly firstShown: number;
  readonly metadata: StreamMetadata;
  readonly head: Position | null;
}

type StreamRow = [id: number, version: number, deletedBefore: number, isTombstoned: number, metadata: string | null, head: Position | null];

type EventPlaceRow = [version: number, time: number, position: number];

const NOTHING_SAID: StreamMetadata = {};

/** Streams with what hides some of their events: deletion, metadata and the hour. */
export class ShownStreams {
  readonly #clock: Clock;
  readonly #stream: Statement<[string], StreamRow>;
  readonly #firstFrom: Statement<[streamId: number, version: number], EventPlaceRow>;

  constructor(database: Database, clock: Clock) {
    this.#clock = clock;
    this.#stream = database
      .prepare<[string], StreamRow>(
        `SELECT id, ${LAST_VERSION}, deleted_before, is_tombstoned, metadata, ${LOG_HEAD} FROM streams WHERE name = ?`,
      )
      .raw();
    this.#firstFrom = database
      .prepare<[number, number], EventPlaceRow>(
        "SELECT version, time, position FROM events WHERE stream_id = ? AND version >= ? ORDER BY version LIMIT 1",
      )
      .raw();
  }

  /** `undefined` for one that was never written, deleted or spoken of. */
  find(name: string): ShownStream | undefined {
    const row = this.#stream.get(name);
    if (row === undefined) return undefined;
    const [id, last, deletedBefore, tombstoned, text, head] = row;
    const metadata = text === null ? NOTHING_SAID : (JSON.parse(text) as StreamMetadata);
    const state = stateOf({ version: last, deletedBefore, isTombstoned: tombstoned === 1 });
    const firstShown = text === null ? deletedBefore : this.#firstShown(id, last + 1, deletedBefore, metadata);
    return { id, state, version: last, firstShown, metadata, head };
  }

  info(name: string): StreamInfo {
    const found = this.find(name);
    if (found === undefined) return { stream: name, state: "missing", lastVersion: null, firstVersion: null, metadata: {} };
    const { id, state, firstShown, metadata } = found;
    const first = this.#firstFrom.get(id, firstShown)?.[0];
    const firstVersion = first === undefined ? null : version(first);
    return { stream: name, state, lastVersion: found.version < 0 ? null : version(found.version), firstVersion, metadata: { ...metadata } };
  }

  /** The first version that is shown at or behind a position of the log. */
  firstAt({ id, firstShown, version: last }: ShownStream, position: number): number {
    return this.#firstWhere(id, [firstShown, last + 1], (event) => event[2] >= position);
  }

  /** The position of a stream's first event from a version on; `undefined` where there is none. */
  positionFrom(id: number, from: number): number | undefined {
    return this.#firstFrom.get(id, from)?.[2];
  }

  #firstShown(id: number, next: number, deletedBefore: number, metadata: StreamMetadata): number {
    const { maxCount, maxAgeMs, truncateBefore = 0 } = metadata;
    const byCount = maxCount === undefined ? 0 : next - maxCount;
    const first = Math.min(next, Math.max(deletedBefore, truncateBefore, byCount));
    if (maxAgeMs === undefined) return first;
    // Times do not go back along a stream.
    const sinceMs = this.#clock.now() - maxAgeMs;
    return this.#firstWhere(id, [first, next], ([, timeMs]) => timeMs >= sinceMs);
  }

  /** The first version of a stream for which something is so, that stays so behind it; found by halving what is left, with a look at an event each time. */
  #firstWhere(id: number, [first, next]: readonly [number, number], isSo: (event: EventPlaceRow) => boolean): number {
    let [low, high] = [first, next];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const event = this.#firstFrom.get(id, middle);
      if (event === undefined || isSo(event)) high = middle;
      else low = event[0] + 1;
    }
    return low;
  }
}
