import { position } from "@reactive-domain/core";
import type { Claim, ClaimRequest, CompleteGroupDefinition, ParkedRequest, ReplayRequest } from "../adapter/driver.ts";
import type { Delivery, DeliveryRef, GroupStatus, ParkedDelivery } from "../consumer-group.ts";
import { DeliveryLost } from "../errors.ts";
import type { Fence } from "../lease.ts";
import type { Settlement } from "../write.ts";
import { selects } from "./event-list.ts";
import type { EventLog } from "./event-log.ts";
import { isSuspect, keyOf, release, waitingSince, type Claimed, type EntryState, type GroupEntry } from "./group-entry.ts";
import { expireEntry, settleEntry } from "./group-outcome.ts";
import type { KeptEvent } from "./kept-event.ts";

/** How many events of the log a claim looks at in vain. */
const MAX_LOOKS = 10_000;

export interface MemoryGroupOptions {
  readonly log: EventLog;
  /** A token that no claim had before. */
  readonly nextFence: () => Fence;
  /** The first position of the log to look at. */
  readonly next: number;
}

/**
 * One consumer group: how far it has read the log, and what of that is not settled, in the order of the log. An event is read once, when a claim comes to it, and
 * becomes an entry; entries wait, are claimed, wait again or are parked, and go when they are settled.
 *
 * Of each key at most one consumer has entries, and nothing overtakes: an entry holds up those behind it until it goes, and when it comes again, those behind it
 * that are under way come again, too.
 */
export class MemoryGroup {
  readonly name: string;
  readonly definition: CompleteGroupDefinition;
  readonly #log: EventLog;
  readonly #nextFence: () => Fence;
  #entries: GroupEntry[] = [];
  /** The first position that was not looked at. */
  #next: number;

  constructor(name: string, definition: CompleteGroupDefinition, { log, nextFence, next }: MemoryGroupOptions) {
    this.name = name;
    this.definition = definition;
    this.#log = log;
    this.#nextFence = nextFence;
    this.#next = next;
  }

  /** The first position that was not looked at, and what is not settled of what lies before it. */
  get state(): { readonly next: number; readonly entries: readonly GroupEntry[] } {
    return { next: this.#next, entries: this.#entries };
  }

  /** Puts an entry of another store behind those that are there. */
  restore(event: KeptEvent, { attempts, state }: Pick<GroupEntry, "attempts" | "state">): void {
    this.#entries.push({ event, key: keyOf(event, this.definition), attempts, state });
  }

  status(): GroupStatus {
    const count = (kind: EntryState["kind"]): number => this.#entries.filter(({ state }) => state.kind === kind).length;
    const firstUnsettled = this.#entries.find(({ state }) => state.kind !== "parked")?.event.position ?? this.#next;
    return {
      name: this.name,
      definition: structuredClone(this.definition),
      settledUpTo: firstUnsettled === 0 ? null : position(firstUnsettled - 1),
      head: this.#log.headPosition,
      waiting: count("waiting"),
      claimed: count("claimed"),
      parked: count("parked"),
    };
  }

  claim({ consumer, maxEvents, leaseMs }: ClaimRequest, nowMs: number): Claim {
    this.#endLeases(nowMs);
    const held = this.#heldBy(consumer);
    const isOnTrial = held.some(({ state }) => state.isTrial);
    const chosen = isOnTrial ? [] : this.#choose(maxEvents, nowMs, held.length === 0);
    if (chosen.length === 0) return { deliveries: [], againInMs: this.#againInMs(nowMs, isOnTrial) };
    for (const entry of held) entry.state = { ...entry.state, isAlone: false };
    const claimed: Claimed = {
      kind: "claimed",
      consumer,
      fence: this.#nextFence(),
      untilMs: nowMs + leaseMs,
      isAlone: chosen.length === 1 && held.length === 0,
      isTrial: chosen.some(isSuspect),
    };
    for (const entry of chosen) {
      entry.attempts++;
      entry.state = claimed;
    }
    return { deliveries: chosen.map((entry) => this.#deliver(entry, claimed)), againInMs: null };
  }

  /** Errors: `delivery-lost` when one of them is not held under its token. */
  extend(deliveries: readonly DeliveryRef[], untilMs: number): void {
    const held = deliveries.map((delivery) => this.#held(delivery));
    for (const [entry, claimed] of held) entry.state = { ...claimed, untilMs: Math.max(claimed.untilMs, untilMs) };
  }

  isHeld(delivery: DeliveryRef): boolean {
    return this.#find(delivery) !== undefined;
  }

  /** Errors: `delivery-lost` when one of them is not held under its token. */
  refuseLost(settlements: readonly Settlement[]): void {
    for (const settlement of settlements) this.#held(settlement);
  }

  /** Settles what {@link refuseLost} has let through. */
  settle(settlements: readonly Settlement[], nowMs: number): void {
    const settled = new Set<GroupEntry>();
    const kept: GroupEntry[] = [];
    for (const settlement of settlements) {
      const [entry] = this.#held(settlement);
      if (settleEntry(entry, settlement, this.definition, nowMs)) settled.add(entry);
      else kept.push(entry);
    }
    this.#entries = this.#entries.filter((entry) => !settled.has(entry));
    this.#releaseBehind(kept, nowMs);
  }

  parked({ after, limit }: ParkedRequest): readonly ParkedDelivery[] {
    const parked: ParkedDelivery[] = [];
    for (const { event, attempts, state } of this.#entries) {
      if (state.kind !== "parked" || event.position <= (after ?? -1)) continue;
      if (parked.push({ event, attempts, error: state.error, parkedAt: new Date(state.atMs) }) === limit) break;
    }
    return parked;
  }

  /** Has parked events delivered again; tells how many. */
  replayParked({ positions, error, limit }: ReplayRequest, nowMs: number): number {
    const isWanted = ({ state, event }: GroupEntry): boolean =>
      state.kind === "parked" && state.error.includes(error) && (positions?.includes(event.position) ?? true);
    const wanted = this.#entries.filter(isWanted).slice(0, limit);
    for (const entry of wanted) {
      entry.attempts = 0;
      entry.state = waitingSince(nowMs);
    }
    this.#releaseBehind(wanted, nowMs);
    return wanted.length;
  }

  /** Drops what is in the log no more. */
  forget(removed: ReadonlySet<KeptEvent>): void {
    this.#entries = this.#entries.filter(({ event }) => !removed.has(event));
  }

  #deliver({ event, attempts }: GroupEntry, { fence, untilMs }: Claimed): Delivery {
    return { group: this.name, event, position: event.position, attempt: attempts, fence, until: new Date(untilMs) };
  }

  #endLeases(nowMs: number): void {
    const ended: GroupEntry[] = [];
    for (const entry of this.#entries) {
      if (entry.state.kind !== "claimed" || entry.state.untilMs > nowMs) continue;
      expireEntry(entry, entry.state, this.definition, nowMs);
      ended.push(entry);
    }
    this.#releaseBehind(ended, nowMs);
  }

  #heldBy(consumer: string): readonly (GroupEntry & { state: Claimed })[] {
    return this.#entries.filter((entry): entry is GroupEntry & { state: Claimed } => {
      return entry.state.kind === "claimed" && entry.state.consumer === consumer;
    });
  }

  /** What may be delivered together: the first entries that are due and behind nothing of their key; a suspect only by itself, to a consumer that has nothing else. */
  #choose(maxEvents: number, nowMs: number, isIdle: boolean): readonly GroupEntry[] {
    const chosen: GroupEntry[] = [];
    const blocked = new Set<string>();
    for (const entry of this.#inOrder(nowMs)) {
      const isFree = entry.key === undefined || !blocked.has(entry.key);
      const isDue = entry.state.kind === "waiting" && entry.state.dueMs <= nowMs;
      if (isFree && isDue && isSuspect(entry) && isIdle && chosen.length === 0) return [entry];
      if (isFree && isDue && !isSuspect(entry)) chosen.push(entry);
      else if (this.#holdsUp(entry)) blocked.add(entry.key);
      if (chosen.length === maxEvents) break;
    }
    return chosen;
  }

  /** What was taken from the log, then what is taken now, one by one. */
  *#inOrder(nowMs: number): Iterable<GroupEntry> {
    yield* this.#entries;
    const { source } = this.definition;
    const firstShown = "stream" in source ? this.#log.head(source.stream).firstShown(nowMs) : 0;
    let room = this.#room();
    let looks = 0;
    for (const event of this.#log.from(source, this.#next)) {
      if (room <= 0 || ++looks > MAX_LOOKS) return;
      this.#next = event.position + 1;
      if (event.version < firstShown || !selects(this.definition.filter ?? {}, event)) continue;
      const entry: GroupEntry = { event, key: keyOf(event, this.definition), attempts: 0, state: waitingSince(nowMs) };
      this.#entries.push(entry);
      room--;
      yield entry;
    }
    if (room > 0) this.#next = this.#end;
  }

  /** How many more events may be taken from the log. */
  #room(): number {
    return this.definition.maxUnsettled - this.#entries.filter(({ state }) => state.kind !== "parked").length;
  }

  /** The first position that is not written yet. */
  get #end(): number {
    return (this.#log.headPosition ?? -1) + 1;
  }

  /** When a claim may find more without a commit: see {@link Claim}. What is new in the log is nothing to one on trial. */
  #againInMs(nowMs: number, isOnTrial: boolean): number | null {
    if (!isOnTrial && this.#next < this.#end && this.#room() > 0) return 0;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const { state } of this.#entries) {
      if (state.kind === "claimed") firstMs = Math.min(firstMs, state.untilMs);
      if (state.kind === "waiting" && state.dueMs > nowMs) firstMs = Math.min(firstMs, state.dueMs);
    }
    return firstMs === Number.POSITIVE_INFINITY ? null : firstMs - nowMs;
  }

  /** The entry of a delivery, and its claim. Errors: `delivery-lost`. */
  #held(delivery: DeliveryRef): readonly [GroupEntry, Claimed] {
    const held = this.#find(delivery);
    if (held === undefined) throw new DeliveryLost(this.name, delivery.position, delivery.fence);
    return held;
  }

  #find({ position: place, fence: token }: DeliveryRef): readonly [GroupEntry, Claimed] | undefined {
    const entry = this.#entries.find(({ event }) => event.position === place);
    return entry?.state.kind === "claimed" && entry.state.fence === token ? [entry, entry.state] : undefined;
  }

  /** Whether later entries of its key wait for it. */
  #holdsUp(entry: GroupEntry): entry is GroupEntry & { readonly key: string } {
    return entry.key !== undefined && (entry.state.kind !== "parked" || this.definition.behindParked === "wait");
  }

  /** Takes back what is under way behind entries that are under way no more, and hold it up. */
  #releaseBehind(entries: readonly GroupEntry[], nowMs: number): void {
    for (const { key, event } of entries.filter((entry) => this.#holdsUp(entry))) {
      for (const entry of this.#entries) {
        const isBehind = entry.key === key && entry.event.position > event.position;
        if (isBehind && entry.state.kind === "claimed") release(entry, nowMs);
      }
    }
  }
}
