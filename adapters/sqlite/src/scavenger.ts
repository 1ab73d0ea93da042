import type { ScavengeResult } from "@reactive-domain/persistence";
import type { Database, Statement } from "better-sqlite3";
import type { EventWriter } from "./event-writer.ts";
import type { GroupStore } from "./group-store.ts";
import { LIMIT } from "./limit.ts";
import type { ShownStreams } from "./shown-streams.ts";

/** What one step of a scavenge removed. */
export interface ScavengeStep extends ScavengeResult {
  /** The last stream, by id, that is done with; `null` when all are. */
  readonly after: number | null;
}

export interface ScavengerOptions {
  readonly database: Database;
  readonly events: EventWriter;
  readonly streams: ShownStreams;
  readonly groups: GroupStore;
}

type Removal = [events: number, bytes: number, lastVersion: number, lastPosition: number];

/** A step is bounded so that other writers have their turn, in this process and in others. */
export const MAX_STEP_EVENTS = 1_000;
const MAX_STEP_STREAMS = 250;

/** Removes what streams hide, step by step, each inside a transaction that its caller holds. */
export class Scavenger {
  readonly #events: EventWriter;
  readonly #streams: ShownStreams;
  readonly #groups: GroupStore;
  readonly #hiding: Statement<[after: number], [id: number, name: string]>;
  readonly #look: Statement<[streamId: number, firstShown: number, limit: number], Removal>;
  readonly #remove: Statement<[streamId: number, lastVersion: number]>;
  readonly #keepVersion: Statement<[version: number, streamId: number]>;
  readonly #keepHead: Statement<[position: number, samePosition: number]>;

  constructor({ database, events, streams, groups }: ScavengerOptions) {
    this.#events = events;
    this.#streams = streams;
    this.#groups = groups;
    this.#hiding = database
      .prepare<[number], [number, string]>(
        `SELECT id, name FROM streams WHERE (deleted_before > 0 OR metadata IS NOT NULL) AND id > ? ORDER BY id LIMIT ${MAX_STEP_STREAMS}`,
      )
      .raw();
    this.#look = database
      .prepare<[number, number, number], Removal>(
        "SELECT count(*), ifnull(sum(octet_length(data) + octet_length(metadata)), 0), max(version), max(position) " +
          `FROM (SELECT data, metadata, version, position FROM events WHERE stream_id = ? AND version < ? ORDER BY version ${LIMIT})`,
      )
      .raw();
    this.#remove = database.prepare("DELETE FROM events WHERE stream_id = ? AND version <= ?");
    this.#keepVersion = database.prepare("UPDATE streams SET known_version = max(known_version, ?) WHERE id = ?");
    this.#keepHead = database.prepare("UPDATE log SET head_position = ?, head_time = (SELECT time FROM events WHERE position = ?)");
  }

  step(after: number): ScavengeStep {
    const streams = this.#hiding.all(after);
    const removed = { events: 0, bytes: 0 };
    let done = after;
    for (const [id, name] of streams) {
      const room = MAX_STEP_EVENTS - removed.events;
      const { events, bytes } = this.#removeFrom(id, name, room);
      removed.events += events;
      removed.bytes += bytes;
      if (events === room) return { ...removed, after: done };
      done = id;
    }
    return { ...removed, after: streams.length < MAX_STEP_STREAMS ? null : done };
  }

  #removeFrom(streamId: number, name: string, limit: number): ScavengeResult {
    const firstShown = this.#streams.find(name)?.firstShown ?? 0;
    const [events, bytes, lastVersion, lastPosition] = this.#look.get(streamId, firstShown, limit) as Removal;
    if (events === 0) return { events, bytes };
    this.#keepVersion.run(lastVersion, streamId);
    if (lastPosition === this.#events.lastPosition) this.#keepHead.run(lastPosition, lastPosition);
    this.#groups.forget(streamId, lastVersion);
    this.#remove.run(streamId, lastVersion);
    return { events, bytes };
  }
}
