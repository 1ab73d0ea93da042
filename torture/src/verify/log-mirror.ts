import { after, type EventStore, type RecordedEvent } from "@reactive-domain/persistence";
import type { Position } from "@reactive-domain/core";
import { workOf } from "../workload.ts";

/** What is kept of an event that was read. */
export interface Seen {
  readonly stream: string;
  readonly category: string;
  readonly type: string;
  readonly id: string;
  readonly key: string;
  readonly version: number;
  readonly position: number;
}

/** The log as it was read through the port, part by part, with what it lacks. */
export class LogMirror {
  readonly events: Seen[] = [];
  readonly byId = new Map<string, Seen>();
  /** Positions that the log has no event for, with what lies before them. */
  readonly missing: number[] = [];
  /** Places at which a stream's versions do not go on by one. */
  readonly jumps: string[] = [];
  readonly repeatedKeys: string[] = [];
  readonly #versions = new Map<string, number>();
  readonly #keys = new Set<string>();
  #last = -1;

  /** The streams that were seen, and their last versions. */
  get versions(): ReadonlyMap<string, number> {
    return this.#versions;
  }

  /** Reads what was written since. */
  async readOn(store: EventStore): Promise<void> {
    for await (const event of store.read({ all: true }, this.#last < 0 ? {} : { from: after(this.#last as Position) })) this.#take(event);
  }

  inCategory(category: string): readonly Seen[] {
    return this.events.filter((event) => event.category === category);
  }

  #take(event: RecordedEvent): void {
    const { stream, id, type, version, position } = event;
    const seen: Seen = { stream, category: stream.split("-", 1)[0] ?? "", type, id, key: workOf(event).key, version, position };
    for (let hole = this.#last + 1; hole < position; hole++) this.missing.push(hole);
    if (position <= this.#last) this.jumps.push(`position ${position} comes after ${this.#last}`);
    this.#last = position;
    const before = this.#versions.get(stream) ?? -1;
    if (version !== before + 1) this.jumps.push(`${stream} goes from version ${before} to ${version}`);
    this.#versions.set(stream, version);
    if (this.#keys.has(seen.key)) this.repeatedKeys.push(`${seen.key} again at position ${position}`);
    this.#keys.add(seen.key);
    this.events.push(seen);
    this.byId.set(id, seen);
  }
}
