// #region open
import { currentRuntime, position, version, type Clock } from "@reactive-domain/core";
import type { EventBatch, EventStore, Gaps, StreamInfo, StreamResult, WriteItem, WriteResult } from "@reactive-domain/persistence";
import {
  appendsOf,
  createEventStore,
  lastPosition,
  planWrite,
  type EventPlace,
  type EventStoreDriver,
  type EventStoreOptions,
  type PageRequest,
  type StoreView,
  type StreamHead,
} from "@reactive-domain/persistence/adapter";
import { Journal } from "./journal.ts";
import { bytesOf, isSelected, recorded, storedAppend, type KeptEvent, type StoredWrite } from "./stored-write.ts";

/** Opens the store in a file, or makes a new one. One process at a time may use it. Errors: `store-unavailable`, `foreign-store`. */
export async function openJsonLinesStore(path: string, options: EventStoreOptions = {}): Promise<EventStore> {
  return createEventStore(await JsonLinesDriver.open(path), options);
}
// #endregion

// #region gaps
const ONLY_EVENTS = "its file keeps events and nothing else";
const GAPS: Gaps = {
  streamMetadata: ONLY_EVENTS,
  softDelete: ONLY_EVENTS,
  tombstones: ONLY_EVENTS,
  scavenge: "lines are never removed from its file",
  snapshots: ONLY_EVENTS,
  checkpoints: ONLY_EVENTS,
  leases: ONLY_EVENTS,
  consumerGroups: ONLY_EVENTS,
  transfer: "its lines are the whole store: copy the file",
};
// #endregion
// #region view
/** How many events a page looks at: a filter that finds nothing in a long log must not hold up the event loop. */
const MAX_LOOKS = 10_000;

class JsonLinesDriver implements EventStoreDriver, StoreView {
  readonly name: string;
  readonly durability = "a file of JSON lines, with fsync for each write";
  readonly gaps = GAPS;
  readonly #clock: Clock = currentRuntime().clock;
  readonly #log: KeptEvent[] = [];
  readonly #streams = new Map<string, KeptEvent[]>();
  readonly #byId = new Map<string, EventPlace>();
  readonly #listeners = new Set<() => void>();
  #journal: Journal | undefined;
  #accepted: Promise<unknown> = Promise.resolve();

  private constructor(path: string) {
    this.name = `JSON-lines store ${path}`;
  }

  static async open(path: string): Promise<JsonLinesDriver> {
    const driver = new JsonLinesDriver(path);
    driver.#journal = await Journal.open(path, driver.name, (json) => void driver.#apply(JSON.parse(json) as StoredWrite));
    return driver;
  }

  head(stream: string): StreamHead {
    const { length } = this.#streams.get(stream) ?? [];
    return length === 0 ? { state: "missing", lastVersion: null } : { state: "live", lastVersion: version(length - 1) };
  }

  find(stream: string, eventId: string): EventPlace | undefined {
    return this.#byId.get(`${eventId} ${stream}`);
  }
  // #endregion

  // #region write
  write(items: readonly WriteItem[]): Promise<WriteResult> {
    // Taken at the call: the writer may use its buffers again before it is this write's turn.
    const appends = appendsOf(items).map(storedAppend);
    const outcome = this.#accepted.then(() => this.#carryOut(items, appends));
    this.#accepted = outcome.catch(() => undefined);
    return outcome;
  }

  async #carryOut(items: readonly WriteItem[], appends: StoredWrite["appends"]): Promise<WriteResult> {
    const repeated = planWrite(items, this);
    if (repeated !== undefined) return repeated;
    // The clock may go back; the log does not.
    const write = { timeMs: Math.max(this.#clock.now(), this.#log.at(-1)?.timeMs ?? 0), appends };
    await this.#journal?.append(JSON.stringify(write));
    // Only now can it be seen: nobody acts on what a crash would take back.
    const streams = this.#apply(write);
    for (const listener of this.#listeners) listener();
    return { position: lastPosition(streams), streams, repeated: false };
  }

  #apply({ timeMs, appends }: StoredWrite): readonly StreamResult[] {
    return appends.map(({ stream, events }) => {
      const kept = this.#streams.get(stream) ?? [];
      this.#streams.set(stream, kept);
      for (const stored of events) {
        const place = { version: version(kept.length), position: position(this.#log.length) };
        const event = { stored, stream, timeMs, ...place };
        kept.push(event);
        this.#log.push(event);
        this.#byId.set(`${stored.id} ${stream}`, place);
      }
      return { stream, version: version(kept.length - 1), position: position(this.#log.length - 1) };
    });
  }
  // #endregion

  // #region read
  readPage(request: PageRequest): EventBatch {
    const { source, direction, from, maxEvents, maxBytes } = request;
    const isStream = "stream" in source;
    // In both lists the index of an event is its cursor, because versions and positions have no holes.
    const list = isStream ? (this.#streams.get(source.stream) ?? []) : this.#log;
    const isForwards = direction === "forwards";
    const last = list.length - 1;
    let cursor = from === "end" ? last : Math.min(from, isForwards ? list.length : last);
    const events: KeptEvent[] = [];
    let bytes = 0;
    for (let looks = 0; looks < MAX_LOOKS && events.length < maxEvents; looks++, cursor += isForwards ? 1 : -1) {
      const event = list[cursor];
      if (event === undefined) break;
      if (!isSelected(event, request)) continue;
      bytes += bytesOf(event);
      if (bytes > maxBytes && events.length > 0) break;
      events.push(event);
    }
    const isEnd = list[cursor] === undefined;
    const behind = isForwards ? list.length : null;
    return {
      events: events.map(recorded),
      isEnd,
      next: isEnd ? behind : cursor,
      head: this.#log.length === 0 ? null : position(this.#log.length - 1),
      lastVersion: isStream ? this.head(source.stream).lastVersion : undefined,
    };
  }

  streamInfo(stream: string): StreamInfo {
    const { state, lastVersion } = this.head(stream);
    return { stream, state, lastVersion, firstVersion: lastVersion === null ? null : version(0), metadata: {} };
  }
  // #endregion

  // #region end
  onCommit(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    await this.#accepted;
    this.#listeners.clear();
    await this.#journal?.close();
  }
}
// #endregion
