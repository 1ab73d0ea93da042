import { isDeepStrictEqual } from "node:util";
import { checkGroupDefinition } from "../adapter/check-group.ts";
import type { Claim, ClaimRequest, CompleteGroupDefinition, GroupDriver, ParkedRequest, ReplayRequest } from "../adapter/driver.ts";
import type { EntryState } from "../adapter/group-entry.ts";
import type { DeliveryRef, GroupStatus, ParkedDelivery } from "../consumer-group.ts";
import { AheadOfLog, GroupExists, GroupNotFound } from "../errors.ts";
import { fence, type Fence } from "../lease.ts";
import type { EntryStateRecord, GroupEntryRecord, GroupRecord } from "../store-record.ts";
import type { EventLog } from "./event-log.ts";
import type { KeptEvent } from "./kept-event.ts";
import { MemoryGroup } from "./memory-group.ts";

export interface MemoryGroupsOptions {
  readonly log: EventLog;
  readonly now: () => number;
  /** To be called when a claim may come to another answer than before. */
  readonly onChange: () => void;
}

/** The consumer groups of a log, by name. */
export class MemoryGroups implements GroupDriver {
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #options: MemoryGroupsOptions;
  /** Tokens are never given twice, also not by a group that is made again. */
  #lastFence = 0;

  constructor(options: MemoryGroupsOptions) {
    this.#options = options;
  }

  create(name: string, definition: CompleteGroupDefinition): boolean {
    const known = this.#groups.get(name);
    if (known !== undefined && !isDeepStrictEqual(known.definition, definition)) throw new GroupExists(name);
    if (known !== undefined) return false;
    const { log } = this.#options;
    const { from } = definition;
    if (typeof from === "object" && from.after > (log.headPosition ?? -1))
      throw new AheadOfLog(`Group ${name}`, from.after, log.headPosition);
    this.#make(name, definition, firstOf(from, log));
    return true;
  }

  delete(name: string): boolean {
    const isDeleted = this.#groups.delete(name);
    if (isDeleted) this.#options.onChange();
    return isDeleted;
  }

  list(): readonly GroupStatus[] {
    return [...this.#groups.values()].map((group) => group.status()).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  status(name: string): GroupStatus {
    return this.group(name).status();
  }

  claim(name: string, request: ClaimRequest): Claim {
    return this.group(name).claim(request, this.#options.now());
  }

  extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): void {
    this.group(name).extend(deliveries, this.#options.now() + leaseMs);
  }

  parked(name: string, request: ParkedRequest): readonly ParkedDelivery[] {
    return this.group(name).parked(request);
  }

  replayParked(name: string, request: ReplayRequest): number {
    const replayed = this.group(name).replayParked(request, this.#options.now());
    if (replayed > 0) this.#options.onChange();
    return replayed;
  }

  isHeld(name: string, delivery: DeliveryRef): boolean {
    return this.#groups.get(name)?.isHeld(delivery) ?? false;
  }

  /** Errors: `group-not-found`. */
  group(name: string): MemoryGroup {
    const group = this.#groups.get(name);
    if (group === undefined) throw new GroupNotFound(name);
    return group;
  }

  forget(removed: ReadonlySet<KeptEvent>): void {
    for (const group of this.#groups.values()) group.forget(removed);
    if (removed.size > 0) this.#options.onChange();
  }

  /** The highest token that a claim had; 0 before the first. */
  get lastFence(): number {
    return this.#lastFence;
  }

  *records(): Iterable<GroupRecord | GroupEntryRecord> {
    for (const { name, definition, state } of this.#groups.values()) {
      yield { kind: "group", name, definition: structuredClone(definition), next: state.next };
      for (const { event, attempts, state: entry } of state.entries)
        yield { kind: "entry", group: name, position: event.position, attempts, state: entryRecord(entry) };
    }
  }

  /** Forgets all groups; tokens go on behind `lastFence`. */
  clear(lastFence: number): void {
    this.#groups.clear();
    this.#lastFence = lastFence;
  }

  restore({ name, definition, next }: GroupRecord): void {
    this.#make(name, checkGroupDefinition(definition), next);
  }

  #make(name: string, definition: CompleteGroupDefinition, next: number): void {
    const nextFence = (): Fence => fence(++this.#lastFence);
    this.#groups.set(name, new MemoryGroup(name, structuredClone(definition), { log: this.#options.log, nextFence, next }));
  }
}

function firstOf(from: CompleteGroupDefinition["from"], log: EventLog): number {
  if (from === "start") return 0;
  return from === "end" ? (log.headPosition ?? -1) + 1 : from.after + 1;
}

function entryRecord(state: EntryState): EntryStateRecord {
  return state.kind === "waiting" ? { ...state, dueMs: Math.min(state.dueMs, Number.MAX_SAFE_INTEGER) } : { ...state };
}
