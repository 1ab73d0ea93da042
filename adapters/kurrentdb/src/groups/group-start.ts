import { position } from "@reactive-domain/core";
import { AheadOfLog } from "@reactive-domain/persistence";
import type { CompleteGroupDefinition } from "@reactive-domain/persistence/adapter";
import type { LogReader } from "../reading/log-reader.ts";
import type { StreamReader } from "../reading/stream-reader.ts";

/** Where a group begins. */
export interface GroupStart {
  /** The position behind which its events are; -1 where that is all of the log. */
  readonly after: number;
  /** Where the server is to begin: at an event that is there and may be too early, so that nothing is missed. `undefined` for the start. */
  readonly from: number | undefined;
}

const FROM_START: GroupStart = { after: -1, from: undefined };
const ONE = { events: 1, bytes: Number.POSITIVE_INFINITY };
const ANYTHING = { wire: { on: "stream", regex: "." }, isExact: true, isWanted: () => true } as const;

/** Finds the places where groups begin. */
export class GroupStarts {
  readonly #log: LogReader;
  readonly #streams: StreamReader;

  constructor(log: LogReader, streams: StreamReader) {
    this.#log = log;
    this.#streams = streams;
  }

  /** Errors: `ahead-of-log`. */
  async of(name: string, { source, from }: Pick<CompleteGroupDefinition, "source" | "from">): Promise<GroupStart> {
    if (from === "start") return FROM_START;
    const head = await this.#log.head();
    if (from === "end" && head === null) return FROM_START;
    const after = from === "end" ? (head ?? -1) : from.after;
    if (after > (head ?? -1)) throw new AheadOfLog(`Group ${name}`, position(after), head);
    return { after, from: "stream" in source ? await this.#inStream(source.stream, after) : await this.#inLog(after) };
  }

  /** The last event up to a position. */
  async #inLog(after: number): Promise<number | undefined> {
    const { events } = await this.#log.look({ isForwards: false, from: after }, { selection: ANYTHING, room: ONE });
    return events[0]?.position;
  }

  /** The last event of a stream up to a position, by halving. */
  async #inStream(stream: string, after: number): Promise<number | undefined> {
    const { event: last } = await this.#streams.last(stream);
    let low = 0;
    let high = last === undefined ? 0 : last.version + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [event] = await this.#streams.events(stream, middle, 1);
      if (event !== undefined && event.position <= after) low = event.version + 1;
      else high = middle;
    }
    return low === 0 ? undefined : low - 1;
  }
}
