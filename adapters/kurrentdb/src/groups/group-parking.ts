import { sleep, type Position } from "@reactive-domain/core";
import type { ParkedDelivery } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import { replayGroup } from "../wire/group-admin.ts";
import type { GroupKey } from "../wire/group-key.ts";
import { parkedEvents, type ParkedEvent } from "./parked-events.ts";

/** Parked events that are to come again. */
export interface ParkedReplay {
  readonly positions: readonly Position[];
  /** The number of the first one that is not; `undefined` where all do. */
  readonly stopAt: number | undefined;
  /** The number of the last one that does. */
  readonly last: number | undefined;
}

/** A server keeps what is parked a moment after it is told. */
const VISIBLE_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** What is parked of a group: as the server keeps it, and what it was told and does not show yet. */
export class GroupParking {
  readonly #connection: Connection;
  readonly #key: GroupKey;
  readonly #told = new Map<number, ParkedDelivery>();
  /** What the server has under lower numbers comes again, though it may still show it. */
  #replayedBelow = 0;

  constructor(connection: Connection, key: GroupKey) {
    this.#connection = connection;
    this.#key = key;
  }

  told(parked: ParkedDelivery): void {
    this.#told.set(parked.event.position, parked);
  }

  /** An event was sent: it is not parked, or not any more. */
  cameBack(place: number): void {
    this.#told.delete(place);
  }

  /** All that is parked, in the order of the log. */
  async list(): Promise<readonly ParkedDelivery[]> {
    const byPlace = new Map((await this.#shown()).map((one): [number, ParkedDelivery] => [one.event.position, one]));
    for (const [place, parked] of this.#told) byPlace.set(place, parked);
    return [...byPlace.values()].toSorted((one, other) => one.event.position - other.event.position);
  }

  /** What comes again where so many may at most: what was parked first. */
  async toReplay(limit: number): Promise<ParkedReplay> {
    const shown = await this.#allShown();
    const replayed = shown.slice(0, limit);
    return {
      positions: replayed.map(({ event }) => event.position),
      stopAt: shown[replayed.length]?.number,
      last: replayed.at(-1)?.number,
    };
  }

  /** Has it come again. */
  async replay({ stopAt, last }: ParkedReplay): Promise<void> {
    if (last === undefined) return;
    await this.#connection.run((client) => replayGroup(client, this.#key, stopAt));
    this.#replayedBelow = last + 1;
  }

  /** Waits until the server shows what it was told. */
  async #allShown(): Promise<readonly ParkedEvent[]> {
    const { runtime } = this.#connection;
    const deadlineMs = runtime.clock.monotonicMs() + VISIBLE_WITHIN_MS;
    for (;;) {
      const shown = await this.#shown();
      if (this.#told.size === 0 || runtime.clock.monotonicMs() > deadlineMs) return shown;
      await sleep(LOOK_EVERY_MS, { runtime });
    }
  }

  async #shown(): Promise<readonly ParkedEvent[]> {
    const shown = await parkedEvents(this.#connection, this.#key, this.#replayedBelow);
    for (const { event } of shown) this.#told.delete(event.position);
    return shown;
  }
}
