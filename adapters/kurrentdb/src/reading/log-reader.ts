import { position, type Position } from "@reactive-domain/core";
import { StoreUnavailable, type RecordedEvent } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import { isUnknownPlace } from "../connection/kurrent-failure.ts";
import { readEvents, type WireEntry, type WireRead } from "../wire/read-events.ts";
import { isOfServer, placeOf, recordedEventOf } from "../wire/recorded-event-of.ts";
import { Page, type Room } from "./page.ts";
import type { Selection } from "./selection.ts";

/** How many events a call looks at where the server sends more than is wanted. */
const MAX_LOOKS = 1_000;

/** A part of the log. */
export interface LogRange {
  readonly isForwards: boolean;
  /** Inclusive; `end` begins with the last event. */
  readonly from: number | "end";
  /** Backwards: what lies before is left out. */
  readonly downTo?: number;
}

/** What a look at the log has found. */
export interface LogPart {
  readonly events: readonly RecordedEvent[];
  /** Whether the range has nothing further. */
  readonly isEnd: boolean;
  /** The last position that was looked at, wanted or not. */
  readonly looked: number | undefined;
}

interface Look extends LogPart {
  /** Where to go on, where all that came was too early and has been passed over. */
  readonly passed: number | undefined;
}

/** What is wanted, and how much of it. */
export interface Wanted {
  readonly selection: Selection;
  readonly room: Room;
  readonly isBegun?: boolean;
}

/** Reads the log of a server. */
export class LogReader {
  readonly #connection: Connection;
  #seen = -1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The highest position that this process has seen; -1 while it has seen none. */
  get seen(): number {
    return this.#seen;
  }

  see(place: number): void {
    if (place > this.#seen) this.#seen = place;
  }

  /** The position of the last event of all, whosever it is; `null` while there is none. */
  async head(): Promise<Position | null> {
    const place = await this.#connection.run(async (client) => {
      let head: number | undefined;
      const take = ({ event }: WireEntry): boolean => {
        if (event !== undefined) head = placeOf(event);
        return true;
      };
      await readEvents(
        client,
        { isBackwards: true, from: undefined, count: 1 },
        { timeoutMs: this.#connection.settings.answerTimeoutMs, take },
      );
      return head;
    });
    if (place === undefined) return null;
    this.see(place);
    return position(place);
  }

  /** Looks through a part of the log, as far as there is room, or for a thousand events. */
  async look(range: LogRange, wanted: Wanted): Promise<LogPart> {
    const starts = startsOf(range, this.#seen);
    for (const [index, start] of starts.entries()) {
      try {
        let part = await this.#lookFrom(start, range, wanted);
        while (part.passed !== undefined) part = await this.#lookFrom(part.passed, range, wanted);
        return part;
      } catch (error) {
        if (index === starts.length - 1 || !isUnknownPlace(error)) throw error;
      }
    }
    throw new StoreUnavailable(this.#connection.name, "cannot be read from there", { retryable: false });
  }

  #lookFrom(start: number | undefined, { isForwards, from, downTo = 0 }: LogRange, { selection, room, isBegun }: Wanted): Promise<Look> {
    const count = selection.isExact ? room.events + 2 : Math.max(room.events + 2, MAX_LOOKS);
    const read: WireRead = { isBackwards: !isForwards, from: start, count, filter: selection.wire };
    return this.#connection.run(async (client) => {
      const page = new Page(room, isBegun);
      let [looks, isPast] = [0, false];
      let [looked, passed]: [looked?: number, passed?: number] = [];
      const take = ({ event: record }: WireEntry): boolean => {
        looks++;
        if (record === undefined) return false;
        const place = placeOf(record);
        if (from !== "end" && (isForwards ? place < from : place > from)) {
          passed = place;
          return false;
        }
        isPast = !isForwards && place < downTo;
        if (isPast) return true;
        const event = isOfServer(record) ? undefined : recordedEventOf(record);
        if (event !== undefined && selection.isWanted(event) && !page.take(event)) return true;
        looked = place;
        return false;
      };
      await readEvents(client, read, { timeoutMs: this.#connection.settings.answerTimeoutMs, take });
      if (looked !== undefined) this.see(looked);
      const isEnd = isPast || (!page.isFull && looks < count);
      return { events: page.events, isEnd, looked, passed: isEnd || looked !== undefined ? undefined : passed };
    });
  }
}

/**
 * Where a server is asked to begin. It may take no places but those of events. Forwards the place before is mostly one, of the last event that was read; backwards, where
 * servers leave out the place itself, the one behind. Where that is not so, it is read from the place itself, or from the end of the log, and what comes too early is passed over.
 */
function startsOf({ isForwards, from }: LogRange, seen: number): readonly (number | undefined)[] {
  if (from === "end" || (!isForwards && from >= seen)) return [undefined];
  if (!isForwards) return [from + 1, undefined];
  return from === 0 ? [0] : [from - 1, from, 0];
}
