import { position } from "@reactive-domain/core";
import type { Claim, ClaimRequest, CompleteGroupDefinition, ParkedRequest, ReplayRequest } from "../adapter/driver.ts";
import { GroupEntries } from "../adapter/group-entries.ts";
import type { GroupEntry } from "../adapter/group-entry.ts";
import { selects } from "../adapter/selects.ts";
import type { DeliveryRef, GroupStatus, ParkedDelivery } from "../consumer-group.ts";
import type { Fence } from "../lease.ts";
import type { Settlement } from "../write.ts";
import type { EventLog } from "./event-log.ts";
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

/** One consumer group: how far it has read the log, and what of that is not settled. An event is read once, when a claim comes to it, and becomes an entry. */
export class MemoryGroup {
  readonly name: string;
  readonly definition: CompleteGroupDefinition;
  readonly #log: EventLog;
  readonly #entries: GroupEntries;
  /** The first position that was not looked at. */
  #next: number;

  constructor(name: string, definition: CompleteGroupDefinition, { log, nextFence, next }: MemoryGroupOptions) {
    this.name = name;
    this.definition = definition;
    this.#log = log;
    this.#entries = new GroupEntries({ name, definition, nextFence });
    this.#next = next;
  }

  /** The first position that was not looked at, and what is not settled of what lies before it. */
  get state(): { readonly next: number; readonly entries: readonly GroupEntry[] } {
    return { next: this.#next, entries: this.#entries.all };
  }

  /** Puts an entry of another store behind those that are there. */
  restore(event: KeptEvent, facts: Pick<GroupEntry, "attempts" | "state">): void {
    this.#entries.add(event, facts);
  }

  status(): GroupStatus {
    const firstUnsettled = this.#entries.all.find(({ state }) => state.kind !== "parked")?.event.position ?? this.#next;
    return {
      name: this.name,
      definition: structuredClone(this.definition),
      settledUpTo: firstUnsettled === 0 ? null : position(firstUnsettled - 1),
      head: this.#log.headPosition,
      waiting: this.#entries.count("waiting"),
      claimed: this.#entries.count("claimed"),
      parked: this.#entries.count("parked"),
    };
  }

  claim(request: ClaimRequest, nowMs: number): Claim {
    const { deliveries, isOnTrial } = this.#entries.claim(request, nowMs, this.#fresh(nowMs));
    if (deliveries.length > 0) return { deliveries, againInMs: null };
    // What is new in the log is nothing to one on trial.
    const mayHaveMore = !isOnTrial && this.#next < this.#end && this.#entries.room > 0;
    return { deliveries, againInMs: mayHaveMore ? 0 : this.#entries.againInMs(nowMs) };
  }

  /** Errors: `delivery-lost` when one of them is not held under its token. */
  extend(deliveries: readonly DeliveryRef[], untilMs: number): void {
    this.#entries.extend(deliveries, untilMs);
  }

  isHeld(delivery: DeliveryRef): boolean {
    return this.#entries.isHeld(delivery);
  }

  /** Errors: `delivery-lost` when one of them is not held under its token. */
  refuseLost(settlements: readonly Settlement[]): void {
    this.#entries.refuseLost(settlements);
  }

  /** Settles what {@link refuseLost} has let through. */
  settle(settlements: readonly Settlement[], nowMs: number): void {
    this.#entries.settle(settlements, nowMs);
  }

  parked(request: ParkedRequest): readonly ParkedDelivery[] {
    return this.#entries.parked(request);
  }

  /** Has parked events delivered again; tells how many. */
  replayParked(request: ReplayRequest, nowMs: number): number {
    return this.#entries.replayParked(request, nowMs);
  }

  /** Drops what is in the log no more. */
  forget(removed: ReadonlySet<unknown>): void {
    this.#entries.remove(({ event }) => removed.has(event));
  }

  /** What comes next in the log, one by one. */
  *#fresh(nowMs: number): Iterable<KeptEvent> {
    const { source } = this.definition;
    const firstShown = "stream" in source ? this.#log.head(source.stream).firstShown(nowMs) : 0;
    let room = this.#entries.room;
    let looks = 0;
    for (const event of this.#log.from(source, this.#next)) {
      if (room <= 0 || ++looks > MAX_LOOKS) return;
      this.#next = event.position + 1;
      if (event.version < firstShown || !selects(this.definition.filter ?? {}, event)) continue;
      room--;
      yield event;
    }
    if (room > 0) this.#next = this.#end;
  }

  /** The first position that is not written yet. */
  get #end(): number {
    return (this.#log.headPosition ?? -1) + 1;
  }
}
