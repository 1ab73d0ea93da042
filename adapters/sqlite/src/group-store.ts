import { isDeepStrictEqual } from "node:util";
import type { Clock, Position } from "@reactive-domain/core";
import { AheadOfLog, DeliveryLost, fence, GroupExists, type DeliveryRef, type SettleItem } from "@reactive-domain/persistence";
import {
  EntryState,
  type Claim,
  type ClaimRequest,
  type CompleteGroupDefinition,
  type ReplayRequest,
} from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import type { EventWriter } from "./event-writer.ts";
import { GroupClaim, type Choice } from "./group-claim.ts";
import { GroupEntries } from "./group-entries.ts";
import type { StoredGroup } from "./group-entry.ts";
import { GroupLines } from "./group-lines.ts";
import { GroupRows } from "./group-rows.ts";
import { GroupSource } from "./group-source.ts";
import { GroupViews } from "./group-views.ts";
import type { ShownStreams } from "./shown-streams.ts";

export interface GroupStoreOptions {
  readonly database: Database;
  /** What errors call the store. */
  readonly file: string;
  readonly events: EventWriter;
  readonly streams: ShownStreams;
  readonly clock: Clock;
}

/** Consumer groups, inside a transaction that its caller holds: what is decided is decided before anything is changed. */
export class GroupStore {
  readonly views: GroupViews;
  readonly #events: EventWriter;
  readonly #clock: Clock;
  readonly #rows: GroupRows;
  readonly #entries: GroupEntries;
  readonly #lines: GroupLines;
  readonly #claims: GroupClaim;

  constructor({ database, file, events, streams, clock }: GroupStoreOptions) {
    this.#events = events;
    this.#clock = clock;
    this.#rows = new GroupRows(database);
    this.#entries = new GroupEntries(database);
    this.#lines = new GroupLines(this.#entries);
    this.#claims = new GroupClaim(this.#entries, new GroupSource(database, streams));
    this.views = new GroupViews({ database, file, rows: this.#rows, entries: this.#entries });
  }

  /** Errors: `group-exists`, `ahead-of-log`. */
  create(name: string, definition: CompleteGroupDefinition): boolean {
    const known = this.#rows.find(name);
    if (known !== undefined && !isDeepStrictEqual(known.definition, definition)) throw new GroupExists(name);
    if (known !== undefined) return false;
    const { from } = definition;
    const head = this.#events.lastPosition;
    if (typeof from === "object" && from.after > head) throw new AheadOfLog(`Group ${name}`, from.after, head < 0 ? null : head);
    this.#rows.insert(name, definition, firstOf(from, head));
    return true;
  }

  delete(name: string): boolean {
    const group = this.#rows.find(name);
    if (group !== undefined) this.#rows.delete(group);
    return group !== undefined;
  }

  /** Errors: `group-not-found`. */
  claim(name: string, { consumer, maxEvents, leaseMs }: ClaimRequest): Claim {
    const group = this.#rows.get(name);
    const nowMs = this.#clock.now();
    this.#lines.endLeases(group, nowMs);
    this.#entries.wake(group.id, nowMs);
    const held = this.#entries.heldBy(group.id, consumer);
    // Who has a suspect gets nothing beside it, whatever is new in the log.
    if (held.trials > 0) return { deliveries: [], againInMs: this.#nextInMs(group, nowMs) };
    const choice = this.#claims.choose(group, { maxEvents, nowMs, end: this.#end, isIdle: held.count === 0 });
    const places = placesOf(choice);
    if (choice.next !== group.next) this.#rows.move(group, choice.next);
    if (places.length === 0) {
      this.#claims.store(group, choice, nowMs, undefined);
      return { deliveries: [], againInMs: this.#againInMs({ ...group, next: choice.next }, nowMs) };
    }
    const token = fence(this.#rows.nextFence());
    const until = new Date(nowMs + leaseMs);
    const isAlone = places.length === 1 && held.count === 0;
    // Of several that it holds none is alone by now.
    if (held.count === 1) this.#entries.joinOthers(group.id, consumer);
    this.#claims.store(group, choice, nowMs, { consumer, fence: token, untilMs: until.getTime(), isAlone });
    const deliveries = places.map(([place, attempt]) => ({
      group: name,
      event: this.views.event(place),
      position: place,
      attempt,
      fence: token,
      until,
    }));
    return { deliveries, againInMs: null };
  }

  /** Errors: `group-not-found`, `delivery-lost`. */
  extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): void {
    const group = this.#rows.get(name);
    const untilMs = this.#clock.now() + leaseMs;
    this.#refuseLost(group, deliveries);
    for (const { position } of deliveries) this.#entries.extend(group.id, position, untilMs);
  }

  /** Tells how many. Errors: `group-not-found`. */
  replayParked(name: string, { positions, error, limit }: ReplayRequest): number {
    const group = this.#rows.get(name);
    const wanted = positions && new Set<number>(positions);
    const parked = this.#entries.parked(group.id, -1, error === "" && wanted === undefined ? limit : Number.MAX_SAFE_INTEGER);
    const chosen = parked.filter((entry) => entry.error.includes(error) && (wanted?.has(entry.position) ?? true)).slice(0, limit);
    this.#lines.replay(group, chosen, this.#clock.now());
    return chosen.length;
  }

  isHeld(name: string, delivery: DeliveryRef): boolean {
    const group = this.#rows.find(name);
    return group !== undefined && this.#isHeld(group, delivery);
  }

  /** Decides about an item of a write. Errors: `group-not-found`, `delivery-lost`. */
  refuse({ group, deliveries }: SettleItem): void {
    this.#refuseLost(this.#rows.get(group), deliveries);
  }

  /** Does what {@link refuse} has let through. */
  settle({ group, deliveries }: SettleItem): void {
    this.#lines.settle(this.#rows.get(group), deliveries, this.#clock.now());
  }

  /** Drops what is about to go from the log: a stream's events up to a version. */
  forget(streamId: number, lastVersion: number): void {
    const nowMs = this.#clock.now();
    for (const { id } of this.#rows.all()) this.#lines.forget(id, streamId, lastVersion, nowMs);
  }

  /** The first position that is not written yet. */
  get #end(): number {
    return this.#events.lastPosition + 1;
  }

  #refuseLost(group: StoredGroup, deliveries: readonly DeliveryRef[]): void {
    for (const delivery of deliveries)
      if (!this.#isHeld(group, delivery)) throw new DeliveryLost(group.name, delivery.position, delivery.fence);
  }

  #isHeld({ id }: StoredGroup, { position, fence: token }: DeliveryRef): boolean {
    const entry = this.#entries.get(id, position);
    return entry?.state === EntryState.claimed && entry.fence === token;
  }

  /** When a claim may find more without a commit. */
  #againInMs(group: StoredGroup, nowMs: number): number | null {
    const { id, next, definition } = group;
    if (next < this.#end && this.#entries.countUnsettled(id) < definition.maxUnsettled) return 0;
    return this.#nextInMs(group, nowMs);
  }

  /** When a delay or a lease ends. */
  #nextInMs({ id }: StoredGroup, nowMs: number): number | null {
    const timeMs = this.#entries.nextTime(id);
    return timeMs === null ? null : Math.max(0, timeMs - nowMs);
  }
}

/** The places of what was chosen, in the order of the log, each with which delivery it is. */
function placesOf({ known, taken }: Choice): readonly (readonly [Position, attempt: number])[] {
  return [
    ...known.map(({ position, attempts }) => [position, attempts + 1] as const),
    ...taken.filter(({ isChosen }) => isChosen).map(({ position }) => [position, 1] as const),
  ];
}

function firstOf(from: CompleteGroupDefinition["from"], head: number): number {
  if (from === "start") return 0;
  return from === "end" ? head + 1 : from.after + 1;
}
