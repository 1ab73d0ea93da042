import type { Delivery, DeliveryRef, ParkedDelivery } from "../consumer-group.ts";
import { DeliveryLost } from "../errors.ts";
import type { Fence } from "../lease.ts";
import type { RecordedEvent } from "../recorded-event.ts";
import type { Settlement } from "../write.ts";
import type { ClaimRequest, CompleteGroupDefinition, ParkedRequest, ReplayRequest } from "./driver.ts";
import { isSuspect, keyOf, release, waitingSince, type Claimed, type EntryState, type GroupEntry } from "./group-entry.ts";
import { expireEntry, settleEntry } from "./group-outcome.ts";

export interface GroupEntriesOptions {
  readonly name: string;
  readonly definition: CompleteGroupDefinition;
  /** A token that no claim had before. */
  readonly nextFence: () => Fence;
}

/** What a claim takes, and what it may not. */
export interface Taken {
  readonly deliveries: readonly Delivery[];
  /** Whether the consumer has something that comes alone, and gets nothing beside it. */
  readonly isOnTrial: boolean;
}

/**
 * What a group has taken from its source and that is not settled, in the order of the log. Entries wait, are claimed, wait again or are parked, and go when they are
 * settled.
 *
 * Of each key at most one consumer has entries, and nothing overtakes: an entry holds up those behind it until it goes, and when it comes again, those behind it
 * that are under way come again, too.
 */
export class GroupEntries {
  readonly #options: GroupEntriesOptions;
  #entries: GroupEntry[] = [];

  constructor(options: GroupEntriesOptions) {
    this.#options = options;
  }

  get all(): readonly GroupEntry[] {
    return this.#entries;
  }

  count(kind: EntryState["kind"]): number {
    return this.#entries.filter(({ state }) => state.kind === kind).length;
  }

  /** How many more events may be taken from the source. */
  get room(): number {
    return this.#options.definition.maxUnsettled - (this.#entries.length - this.count("parked"));
  }

  at(place: number): GroupEntry | undefined {
    const index = this.#indexAt(place);
    return this.#entries[index]?.event.position === place ? this.#entries[index] : undefined;
  }

  /** Puts an event where it belongs in the order of the log. */
  add(event: RecordedEvent, { attempts, state }: Pick<GroupEntry, "attempts" | "state">): GroupEntry {
    const entry: GroupEntry = { event, key: keyOf(event, this.#options.definition), attempts, state };
    this.#entries.splice(this.#indexAt(event.position + 1), 0, entry);
    return entry;
  }

  /** Drops what is not there any more. */
  remove(isGone: (entry: GroupEntry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !isGone(entry));
  }

  /** Takes what a consumer may have, of what is there and then of what is `fresh`, which is added one by one as far as it is wanted. */
  claim({ consumer, maxEvents, leaseMs }: ClaimRequest, nowMs: number, fresh: Iterable<RecordedEvent> = []): Taken {
    this.#endLeases(nowMs);
    const held = this.#heldBy(consumer);
    const isOnTrial = held.some(({ state }) => state.isTrial);
    const chosen = isOnTrial ? [] : this.#choose(this.#inOrder(fresh, nowMs), { maxEvents, nowMs, isIdle: held.length === 0 });
    if (chosen.length === 0) return { deliveries: [], isOnTrial };
    for (const entry of held) entry.state = { ...entry.state, isAlone: false };
    const claimed: Claimed = {
      kind: "claimed",
      consumer,
      fence: this.#options.nextFence(),
      untilMs: nowMs + leaseMs,
      isAlone: chosen.length === 1 && held.length === 0,
      isTrial: chosen.some(isSuspect),
    };
    for (const entry of chosen) {
      entry.attempts++;
      entry.state = claimed;
    }
    return { deliveries: chosen.map((entry) => this.#deliver(entry, claimed)), isOnTrial };
  }

  /** In how many milliseconds a retry is due or a lease ends; `null` where nothing is to be waited for. */
  againInMs(nowMs: number): number | null {
    let firstMs = Number.POSITIVE_INFINITY;
    for (const { state } of this.#entries) {
      if (state.kind === "claimed") firstMs = Math.min(firstMs, state.untilMs);
      if (state.kind === "waiting" && state.dueMs > nowMs) firstMs = Math.min(firstMs, state.dueMs);
    }
    return firstMs === Number.POSITIVE_INFINITY ? null : firstMs - nowMs;
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
  refuseLost(settlements: readonly DeliveryRef[]): void {
    for (const settlement of settlements) this.#held(settlement);
  }

  /** Settles what {@link refuseLost} has let through; returns what is done with. */
  settle(settlements: readonly Settlement[], nowMs: number): ReadonlySet<GroupEntry> {
    const settled = new Set<GroupEntry>();
    const kept: GroupEntry[] = [];
    for (const settlement of settlements) {
      const [entry] = this.#held(settlement);
      if (settleEntry(entry, settlement, this.#options.definition, nowMs)) settled.add(entry);
      else kept.push(entry);
    }
    this.remove((entry) => settled.has(entry));
    this.#releaseBehind(kept, nowMs);
    return settled;
  }

  parked({ after, limit }: ParkedRequest): readonly ParkedDelivery[] {
    const parked: ParkedDelivery[] = [];
    for (const { event, attempts, state } of this.#entries) {
      if (state.kind !== "parked" || event.position <= (after ?? -1)) continue;
      if (parked.push({ event, attempts, error: state.error, parkedAt: new Date(state.atMs) }) === limit) break;
    }
    return parked;
  }

  /** Has parked events delivered again, from a time on; tells how many. */
  replayParked({ positions, error, limit }: ReplayRequest, nowMs: number, dueMs: number = nowMs): number {
    const isWanted = ({ state, event }: GroupEntry): boolean =>
      state.kind === "parked" && state.error.includes(error) && (positions?.includes(event.position) ?? true);
    const wanted = this.#entries.filter(isWanted).slice(0, limit);
    for (const entry of wanted) {
      entry.attempts = 0;
      entry.state = waitingSince(dueMs);
    }
    this.#releaseBehind(wanted, nowMs);
    return wanted.length;
  }

  #deliver({ event, attempts }: GroupEntry, { fence, untilMs }: Claimed): Delivery {
    return { group: this.#options.name, event, position: event.position, attempt: attempts, fence, until: new Date(untilMs) };
  }

  #endLeases(nowMs: number): void {
    const ended: GroupEntry[] = [];
    for (const entry of this.#entries) {
      if (entry.state.kind !== "claimed" || entry.state.untilMs > nowMs) continue;
      expireEntry(entry, entry.state, this.#options.definition, nowMs);
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
  #choose(
    entries: Iterable<GroupEntry>,
    { maxEvents, nowMs, isIdle }: { readonly maxEvents: number; readonly nowMs: number; readonly isIdle: boolean },
  ): readonly GroupEntry[] {
    const chosen: GroupEntry[] = [];
    const blocked = new Set<string>();
    for (const entry of entries) {
      const isFree = entry.key === undefined || !blocked.has(entry.key);
      const isDue = entry.state.kind === "waiting" && entry.state.dueMs <= nowMs;
      if (isFree && isDue && isSuspect(entry) && isIdle && chosen.length === 0) return [entry];
      if (isFree && isDue && !isSuspect(entry)) chosen.push(entry);
      else if (this.#holdsUp(entry)) blocked.add(entry.key);
      if (chosen.length === maxEvents) break;
    }
    return chosen;
  }

  /** What is there, then what is fresh, one by one. */
  *#inOrder(fresh: Iterable<RecordedEvent>, nowMs: number): Iterable<GroupEntry> {
    yield* this.#entries;
    for (const event of fresh) yield this.add(event, { attempts: 0, state: waitingSince(nowMs) });
  }

  /** The entry of a delivery, and its claim. Errors: `delivery-lost`. */
  #held(delivery: DeliveryRef): readonly [GroupEntry, Claimed] {
    const held = this.#find(delivery);
    if (held === undefined) throw new DeliveryLost(this.#options.name, delivery.position, delivery.fence);
    return held;
  }

  #find({ position: place, fence: token }: DeliveryRef): readonly [GroupEntry, Claimed] | undefined {
    const entry = this.at(place);
    return entry?.state.kind === "claimed" && entry.state.fence === token ? [entry, entry.state] : undefined;
  }

  /** Whether later entries of its key wait for it. */
  #holdsUp(entry: GroupEntry): entry is GroupEntry & { readonly key: string } {
    return entry.key !== undefined && (entry.state.kind !== "parked" || this.#options.definition.behindParked === "wait");
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

  /** The index of the first entry at or behind a position. */
  #indexAt(place: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as GroupEntry).event.position < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
