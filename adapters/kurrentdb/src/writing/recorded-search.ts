import type { AppendItem, RecordedEvent, WriteResult } from "@reactive-domain/persistence";
import { planWrite, type EventPlace } from "@reactive-domain/persistence/adapter";
import { isTombstoned } from "../connection/kurrent-failure.ts";
import type { LogReader } from "../reading/log-reader.ts";
import { streamSelection } from "../reading/selection.ts";
import type { StreamReader } from "../reading/stream-reader.ts";

/** How far back from the end of a stream events are looked for by their ids. */
const MAX_LOOKS = 4_096;
const PAGE = 512;

/** Looks for events of refused appends by their ids: where they would be if the append had been done when it was expected to be, and in the last thousands of events. */
export class RecordedSearch {
  readonly #streams: StreamReader;
  readonly #log: LogReader;

  constructor(streams: StreamReader, log: LogReader) {
    this.#streams = streams;
    this.#log = log;
  }

  /** What became of appends the first time; `undefined` where they were never done. Errors: `event-already-recorded` where only a part of them is there. */
  async outcome(appends: readonly AppendItem[]): Promise<WriteResult | undefined> {
    if (appends.length === 0) return undefined;
    const places = new Map(await Promise.all(appends.map(async (item) => [item.stream, await this.#places(item)] as const)));
    const find = (stream: string, id: string): EventPlace | undefined => places.get(stream)?.get(id);
    const items = appends.map((item): AppendItem => ({ kind: "append", stream: item.stream, events: item.events, expectedVersion: "any" }));
    return planWrite(items, { head: () => ({ state: "live", lastVersion: null }), find });
  }

  async #places(item: AppendItem): Promise<ReadonlyMap<string, EventPlace>> {
    const wanted = new Set(item.events.map(({ id }) => id));
    const places = new Map<string, EventPlace>();
    const note = (events: readonly RecordedEvent[]): void => {
      for (const { id, version, position } of events) if (wanted.has(id)) places.set(id, { version, position });
    };
    try {
      const first = typeof item.expectedVersion === "number" ? item.expectedVersion + 1 : 0;
      note(await this.#streams.events(item.stream, first, item.events.length));
      if (places.size < wanted.size) await this.#lookBack(item.stream, note, () => places.size === wanted.size);
      if (places.size < wanted.size) await this.#lookIntoLog(item.stream, note);
    } catch (error) {
      if (!isTombstoned(error)) throw error;
    }
    return places;
  }

  /** Where a stream shows nothing any more, its events may still be in the log. */
  async #lookIntoLog(stream: string, note: (events: readonly RecordedEvent[]) => void): Promise<void> {
    if ((await this.#streams.last(stream)).state === "shown") return;
    const room = { events: MAX_LOOKS, bytes: Infinity };
    note((await this.#log.look({ isForwards: false, from: "end" }, { selection: streamSelection(stream), room })).events);
  }

  async #lookBack(stream: string, note: (events: readonly RecordedEvent[]) => void, isDone: () => boolean): Promise<void> {
    let from: number | undefined;
    for (let looks = 0; looks < MAX_LOOKS && !isDone(); looks += PAGE) {
      const events = await this.#streams.events(stream, from, PAGE, true);
      note(events);
      const last = events.at(-1);
      if (last === undefined || events.length < PAGE || last.version === 0) return;
      from = last.version - 1;
    }
  }
}
