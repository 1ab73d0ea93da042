import type { CancelTask, Position } from "@reactive-domain/core";
import type { DeliveryRef, Fence, ParkedDelivery, Settlement } from "@reactive-domain/persistence";
import {
  GroupEntries,
  waitingSince,
  type Claim,
  type ClaimRequest,
  type GroupEntry,
  type Taken,
} from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import type { LogReader } from "../reading/log-reader.ts";
import type { StreamReader } from "../reading/stream-reader.ts";
import type { Arrival } from "../wire/group-call.ts";
import { isOfServer, recordedEventOf } from "../wire/recorded-event-of.ts";
import { CatchUp } from "./catch-up.ts";
import { FeedLevel } from "./feed-level.ts";
import { GivenBack } from "./given-back.ts";
import { GroupFeed } from "./group-feed.ts";
import { GroupParking } from "./group-parking.ts";
import type { GroupRecord } from "./group-record.ts";
import { reasonOf } from "./parked-events.ts";
import { RecentPlaces } from "./recent-places.ts";

export interface LocalGroupOptions {
  readonly connection: Connection;
  readonly log: LogReader;
  readonly streams: StreamReader;
  readonly record: GroupRecord;
  /** Whether it was made a moment ago, so that nothing of it is settled. */
  readonly isNew: boolean;
  readonly nextFence: () => Fence;
  /** Whether somebody waits for something to claim. */
  readonly isAwaited: () => boolean;
  /** A claim may come to another answer than before. */
  readonly onChange: () => void;
  /** What was sent is another's now, or comes again. */
  readonly onLost: (failure: unknown) => void;
}

/** The most that this process holds of a group. */
const MAX_BUFFER = 2_000;
/** What nobody here asks for goes to other processes. */
const IDLE_MS = 1_000;

/**
 * What this process has of a consumer group. KurrentDB sends events and is told which are settled; who has them under which lease, in which order, how often and when again
 * is kept here. What is lost with the connection goes to other processes, or comes again.
 */
export class LocalGroup {
  readonly record: GroupRecord;
  readonly level: FeedLevel;
  readonly entries: GroupEntries;
  readonly #parking: GroupParking;
  readonly #options: LocalGroupOptions;
  readonly #feed: GroupFeed;
  readonly #catchUp: CatchUp;
  /** By what the server knows what it sent and what is not settled, by position. */
  readonly #ids = new Map<number, string>();
  readonly #settled = new RecentPlaces<true>();
  readonly #givenBack: GivenBack;
  #claims = 0;
  #cancelIdle: CancelTask | undefined;

  constructor(options: LocalGroupOptions) {
    const { connection, log, streams, record, nextFence } = options;
    this.#options = options;
    this.record = record;
    this.entries = new GroupEntries({ name: record.name, definition: record.definition, nextFence });
    this.#givenBack = new GivenBack(record.definition);
    this.#parking = new GroupParking(connection, record.key);
    this.level = new FeedLevel(record, { log, streams, clock: connection.runtime.clock });
    const bufferSize = Math.min(record.definition.maxUnsettled, MAX_BUFFER);
    this.#feed = new GroupFeed({
      connection,
      key: record.key,
      bufferSize,
      onArrival: (arrival) => this.#arrived(arrival),
      onLost: (failure) => this.#lost(failure),
    });
    const isFull = (): boolean => this.#ids.size >= bufferSize;
    this.#catchUp = new CatchUp({
      connection,
      record,
      level: this.level,
      isNew: options.isNew,
      isSent: () => this.#feed.isOpen && !isFull(),
    });
  }

  /** Whether events are sent to this process. */
  get isOpen(): boolean {
    return this.#feed.isOpen;
  }

  async claim(request: ClaimRequest): Promise<Claim> {
    this.#claims++;
    try {
      await this.#feed.open();
      const taken = this.#isEnough(request.maxEvents) ? this.#take(request) : undefined;
      if (taken !== undefined && (taken.deliveries.length > 0 || taken.isOnTrial)) return this.#answer(taken);
      if (!(await this.#catchUp.done())) this.#dropAwaited();
      return this.#answer(this.#take(request));
    } finally {
      this.#claims--;
      this.#closeWhenIdle();
    }
  }

  /** Errors: `delivery-lost`. */
  extend(deliveries: readonly DeliveryRef[], leaseMs: number): void {
    this.entries.extend(deliveries, this.#nowMs() + leaseMs);
  }

  /** Settles what is held. Errors: `delivery-lost`. */
  settle(settlements: readonly Settlement[]): void {
    this.entries.refuseLost(settlements);
    for (const { event } of this.entries.settle(settlements, this.#nowMs())) {
      this.#feed.acknowledge(this.#ids.get(event.position) ?? event.id);
      this.#ids.delete(event.position);
      this.#settled.keep(event.position, true);
    }
    this.#tellParked();
    this.#options.onChange();
  }

  /** Has parked events come again, those first that were parked first; tells how many. */
  async replayParked(limit: number): Promise<number> {
    const replay = await this.#parking.toReplay(limit);
    const { positions } = replay;
    const expected = this.isOpen ? positions : [];
    this.level.expect(expected);
    try {
      await this.#parking.replay(replay);
    } catch (error) {
      this.level.giveUp(expected);
      throw error;
    }
    // What has not come yet is held back, as those behind it are, until it does.
    this.#unpark(positions, Number.POSITIVE_INFINITY);
    this.#options.onChange();
    return positions.length;
  }

  /** All that is parked, in the order of the log. What others have had come again holds up nothing here any more. */
  async parked(): Promise<readonly ParkedDelivery[]> {
    const parked = await this.#parking.list();
    const places = new Set<number>(parked.map(({ event }) => event.position));
    this.entries.remove(({ state, event }) => state.kind === "parked" && !places.has(event.position));
    return parked;
  }

  /** Gives back what is not settled. */
  async close(): Promise<void> {
    this.#cancelIdle?.();
    this.#giveBack();
    await this.#feed.close();
  }

  #nowMs(): number {
    return this.#options.connection.runtime.clock.now();
  }

  /** Whether there is so much to claim, and nothing comes again that may have to be claimed before it. */
  #isEnough(maxEvents: number): boolean {
    const nowMs = this.#nowMs();
    const due = this.entries.all.filter(({ state }) => state.kind === "waiting" && state.dueMs <= nowMs);
    return due.length >= maxEvents && !this.entries.all.some(isAwaited);
  }

  #take(request: ClaimRequest): Taken {
    const taken = this.entries.claim(request, this.#nowMs());
    this.#tellParked();
    return taken;
  }

  #answer({ deliveries }: Taken): Claim {
    return { deliveries, againInMs: deliveries.length > 0 ? null : this.entries.againInMs(this.#nowMs()) };
  }

  #arrived({ record, id, retries }: Arrival): void {
    const event = record === undefined || isOfServer(record) ? undefined : recordedEventOf(record);
    if (event !== undefined) this.level.arrived(event.position);
    if (event === undefined || !this.level.isWanted(event) || this.#settled.get(event.position) === true) this.#feed.acknowledge(id);
    else {
      this.#ids.set(event.position, id);
      this.#parking.cameBack(event.position);
      const known = this.entries.at(event.position);
      if (known === undefined) this.entries.add(event, this.#givenBack.take(event.position, retries, this.#nowMs()));
      else this.#cameAgain(known);
    }
    this.#catchUp.arrived();
    this.#options.onChange();
  }

  #cameAgain(known: GroupEntry): void {
    this.#unpark([known.event.position], this.#nowMs());
    if (isAwaited(known)) known.state = waitingSince(this.#nowMs());
  }

  #unpark(positions: readonly Position[], dueMs: number): void {
    this.entries.replayParked({ positions, error: "", limit: Number.MAX_SAFE_INTEGER }, this.#nowMs(), dueMs);
  }

  #tellParked(): void {
    for (const { event, attempts, state } of this.entries.all) {
      const id = this.#ids.get(event.position);
      if (state.kind !== "parked" || id === undefined) continue;
      this.#feed.park(id, reasonOf(attempts, state.error));
      this.#ids.delete(event.position);
      this.#parking.told({ event, attempts, error: state.error, parkedAt: new Date(state.atMs) });
    }
  }

  #lost(failure: unknown): void {
    this.#giveBack();
    this.#catchUp.arrived();
    this.#options.onLost(failure);
    this.#options.onChange();
  }

  /** What is not settled is not this process's any more. What is known of it is kept for when it comes again. */
  #giveBack(): void {
    const given = this.entries.all.filter(({ state }) => state.kind !== "parked");
    for (const entry of given) this.#givenBack.keep(entry, this.#nowMs());
    this.level.expect(given.map(({ event }) => event.position));
    this.entries.remove(({ state }) => state.kind !== "parked");
    this.#ids.clear();
  }

  /** What was to come again and does not is another process's. */
  #dropAwaited(): void {
    this.entries.remove(isAwaited);
  }

  #closeWhenIdle(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = this.#options.connection.runtime.scheduler.after(IDLE_MS, () => {
      const nowMs = this.#nowMs();
      const isHeld = this.entries.all.some(({ state }) => state.kind === "claimed" && state.untilMs > nowMs);
      if (isHeld || this.#claims > 0 || this.#options.isAwaited()) this.#closeWhenIdle();
      else void this.close();
    });
  }
}

/** Whether it is delivered only when it comes again. */
function isAwaited({ state }: GroupEntry): boolean {
  return state.kind === "waiting" && state.dueMs === Number.POSITIVE_INFINITY;
}
