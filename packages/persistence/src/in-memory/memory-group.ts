import { position } from "@reactive-domain/core";
import type { Claim, ClaimRequest, CompleteGroupDefinition, ParkedRequest, ReplayRequest } from "../adapter/driver.ts";
import type { Delivery, DeliveryRef, GroupStatus, ParkedDelivery } from "../consumer-group.ts";
import { DeliveryLost } from "../errors.ts";
import { fence } from "../lease.ts";
import type { Settlement } from "../write.ts";
import { correlationOf, selects } from "./event-list.ts";
import type { EventLog } from "./event-log.ts";
import { waitingSince, type Claimed, type GroupEntry } from "./group-entry.ts";
import type { KeptEvent } from "./kept-event.ts";

/** How many events of the log a claim looks at in vain. */
const MAX_LOOKS = 10_000;
const MAX_ERROR_CHARACTERS = 10_000;
const MAX_DOUBLINGS = 52;

/** One consumer group: how far it has read the log, and what of that is not settled, in the order of the log. */
export class MemoryGroup {
  readonly name: string;
  readonly definition: CompleteGroupDefinition;
  readonly #log: EventLog;
  #entries: GroupEntry[] = [];
  /** The first position that was not looked at. */
  #next: number;
  #lastFence = 0;

  constructor(name: string, definition: CompleteGroupDefinition, log: EventLog) {
    this.name = name;
    this.definition = definition;
    this.#log = log;
    this.#next = firstOf(definition.from, log);
  }

  status(): GroupStatus {
    const { name, definition } = this;
    const count = (kind: GroupEntry["state"]["kind"]): number => this.#entries.filter(({ state }) => state.kind === kind).length;
    const first = this.#entries.find(({ state }) => state.kind !== "parked");
    const behind = (first?.event.position ?? this.#next) - 1;
    const counts = { waiting: count("waiting"), claimed: count("claimed"), parked: count("parked") };
    return { name, definition, settledUpTo: behind < 0 ? null : position(behind), head: this.#log.headPosition, ...counts };
  }

  claim({ consumer, maxEvents, leaseMs }: ClaimRequest, nowMs: number): Claim {
    for (const entry of this.#entries) this.#expire(entry, nowMs);
    const chosen = this.#choose(maxEvents, nowMs);
    if (chosen.length === 0) return { deliveries: [], againInMs: this.#againIn(nowMs) };
    const token = fence(++this.#lastFence);
    const untilMs = nowMs + leaseMs;
    for (const entry of chosen) {
      entry.attempts++;
      entry.state = { kind: "claimed", consumer, fence: token, untilMs, isAlone: chosen.length === 1 };
    }
    const until = new Date(untilMs);
    const deliveries = chosen.map(({ event, attempts }): Delivery => ({ group: this.name, event, attempt: attempts, fence: token, until }));
    return { deliveries, againInMs: null };
  }

  extend(deliveries: readonly DeliveryRef[], untilMs: number): void {
    const held = deliveries.map((delivery) => this.#held(delivery));
    for (const [entry, claimed] of held) entry.state = { ...claimed, untilMs };
  }

  /** Errors: `delivery-lost` when one of them is not held under its token. */
  refuseLost(settlements: readonly Settlement[]): void {
    for (const settlement of settlements) this.#held(settlement);
  }

  settle(settlements: readonly Settlement[], nowMs: number): void {
    const settled = settlements.map((settlement) => [this.#held(settlement)[0], settlement] as const);
    const done = new Set<GroupEntry>();
    for (const [entry, settlement] of settled) if (this.#apply(entry, settlement, nowMs)) done.add(entry);
    this.#entries = this.#entries.filter((entry) => !done.has(entry));
    for (const [entry] of settled) if (!done.has(entry) && this.#holdsUp(entry)) this.#releaseBehind(entry, nowMs);
  }

  parked({ after, limit }: ParkedRequest): readonly ParkedDelivery[] {
    const parked: ParkedDelivery[] = [];
    for (const { event, attempts, state } of this.#entries) {
      if (state.kind !== "parked" || event.position <= (after ?? -1)) continue;
      if (parked.push({ event, attempts, error: state.error, parkedAt: new Date(state.atMs) }) === limit) break;
    }
    return parked;
  }

  replayParked({ positions, error, limit }: ReplayRequest, nowMs: number): number {
    const wanted = this.#entries.filter(
      ({ state, event }) => state.kind === "parked" && state.error.includes(error) && (positions?.includes(event.position) ?? true),
    );
    for (const entry of wanted.slice(0, limit)) {
      entry.attempts = 0;
      entry.state = waitingSince(nowMs);
    }
    return Math.min(wanted.length, limit);
  }

  /** Drops what is in the log no more. */
  forget(removed: ReadonlySet<KeptEvent>): void {
    this.#entries = this.#entries.filter(({ event }) => !removed.has(event));
  }

  /** A consumer that let its lease end is taken for dead, and its event may have killed it. */
  #expire(entry: GroupEntry, nowMs: number): void {
    const { state } = entry;
    if (state.kind !== "claimed" || state.untilMs > nowMs) return;
    if (state.isAlone && entry.attempts >= this.definition.maxAttempts) {
      const error = `Consumer ${state.consumer} went away with it, or took longer than its lease.`;
      entry.state = { kind: "parked", error, atMs: nowMs };
    } else {
      entry.state = { kind: "waiting", dueMs: nowMs, isSuspect: true };
    }
  }

  #choose(maxEvents: number, nowMs: number): readonly GroupEntry[] {
    const chosen: GroupEntry[] = [];
    const blocked = new Set<string | undefined>();
    for (const entry of this.#inOrder(nowMs)) {
      const isBlocked = entry.key !== undefined && blocked.has(entry.key);
      if (!isBlocked && isReady(entry, chosen.length > 0, nowMs)) chosen.push(entry);
      else if (this.#holdsUp(entry)) blocked.add(entry.key);
      if (chosen.length === maxEvents || isSuspect(chosen[0])) break;
    }
    return chosen;
  }

  /** What was taken from the log, then what is taken now, one by one. */
  *#inOrder(nowMs: number): Iterable<GroupEntry> {
    yield* this.#entries;
    const { source, filter, maxUnsettled } = this.definition;
    const shown = "stream" in source ? this.#log.head(source.stream).firstShown(nowMs) : 0;
    let room = maxUnsettled - this.#entries.filter(({ state }) => state.kind !== "parked").length;
    let looks = 0;
    for (const event of this.#log.from(source, this.#next)) {
      if (room <= 0 || ++looks > MAX_LOOKS) return;
      this.#next = event.position + 1;
      if (event.version < shown || (filter !== undefined && !selects(filter, event))) continue;
      const entry: GroupEntry = { event, key: this.#keyOf(event), attempts: 0, state: waitingSince(nowMs) };
      this.#entries.push(entry);
      room--;
      yield entry;
    }
    if (room > 0) this.#next = (this.#log.headPosition ?? -1) + 1;
  }

  #keyOf(event: KeptEvent): string | undefined {
    if (this.definition.orderBy === "none") return undefined;
    return this.definition.orderBy === "stream" ? event.stream : (correlationOf(event) ?? event.id);
  }

  /** When a claim may find more without a commit. */
  #againIn(nowMs: number): number | null {
    const times = this.#entries.flatMap(({ state }) => {
      if (state.kind === "waiting") return state.dueMs > nowMs ? [state.dueMs] : [];
      return state.kind === "claimed" ? [state.untilMs] : [];
    });
    const isLogLeft = this.#next <= (this.#log.headPosition ?? -1) && this.#entries.length < this.definition.maxUnsettled;
    if (isLogLeft) return 0;
    return times.length === 0 ? null : Math.min(...times) - nowMs;
  }

  #held({ position: place, fence: token }: DeliveryRef): readonly [GroupEntry, Claimed] {
    const entry = this.#entries.find(({ event }) => event.position === place);
    if (entry?.state.kind !== "claimed" || entry.state.fence !== token) throw new DeliveryLost(this.name, place, token);
    return [entry, entry.state];
  }

  /** Tells whether the entry is done with. */
  #apply(entry: GroupEntry, { outcome, error = "", delayMs }: Settlement, nowMs: number): boolean {
    if (outcome === "acknowledge" || outcome === "skip") return true;
    if (outcome === "release") release(entry, nowMs);
    else if (outcome === "park" || entry.attempts >= this.definition.maxAttempts)
      entry.state = { kind: "parked", error: error.slice(0, MAX_ERROR_CHARACTERS), atMs: nowMs };
    else entry.state = waitingSince(nowMs + (delayMs ?? this.#backOff(entry.attempts)));
    return false;
  }

  #backOff(attempts: number): number {
    const { retryDelayMs, maxRetryDelayMs } = this.definition;
    return Math.min(retryDelayMs * 2 ** Math.min(attempts - 1, MAX_DOUBLINGS), maxRetryDelayMs);
  }

  /** Whether later events of its key wait for it. */
  #holdsUp({ key, state }: GroupEntry): boolean {
    return key !== undefined && (state.kind !== "parked" || this.definition.behindParked === "wait");
  }

  #releaseBehind({ key, event }: GroupEntry, nowMs: number): void {
    for (const entry of this.#entries) {
      const isBehind = entry.key === key && entry.event.position > event.position;
      if (isBehind && entry.state.kind === "claimed") release(entry, nowMs);
    }
  }
}

function firstOf(from: CompleteGroupDefinition["from"], log: EventLog): number {
  if (from === "start") return 0;
  return from === "end" ? (log.headPosition ?? -1) + 1 : from.after + 1;
}

function isReady({ state }: GroupEntry, hasCompany: boolean, nowMs: number): boolean {
  return state.kind === "waiting" && state.dueMs <= nowMs && !(state.isSuspect && hasCompany);
}

/** An entry that was chosen still says why it waited. */
function isSuspect(entry: GroupEntry | undefined): boolean {
  return entry?.state.kind === "waiting" && entry.state.isSuspect;
}

function release(entry: GroupEntry, nowMs: number): void {
  entry.attempts--;
  entry.state = waitingSince(nowMs);
}
