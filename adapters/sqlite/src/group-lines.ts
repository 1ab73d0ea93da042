import type { Position } from "@reactive-domain/core";
import type { Settlement } from "@reactive-domain/persistence";
import { backOffMs, EntryState, parkedError, wentAway } from "@reactive-domain/persistence/adapter";
import type { GroupEntries } from "./group-entries.ts";
import type { GroupEntry, StoredGroup } from "./group-entry.ts";

/** How many leases a claim ends: others are ended by the next one. */
const MAX_ENDED = 1_000;

/**
 * What becomes of entries, and what that means for the lines of their keys. Of each key nothing overtakes: an entry holds up those behind it until it goes, and
 * when it comes again, those behind it that are under way come again, too.
 */
export class GroupLines {
  readonly #entries: GroupEntries;

  constructor(entries: GroupEntries) {
    this.#entries = entries;
  }

  /** Settles deliveries that are held. */
  settle(group: StoredGroup, settlements: readonly Settlement[], nowMs: number): void {
    const settled = settlements.map((settlement) => {
      const entry = this.#entries.get(group.id, settlement.position) as GroupEntry;
      return { entry, isKept: this.#settleOne(group, entry, settlement, nowMs) };
    });
    for (const { entry, isKept } of settled) if (isKept) this.#releaseBehind(group, entry, nowMs);
    for (const { entry, isKept } of settled) this.#letFirstGo(group.id, entry, isKept, nowMs);
  }

  /** Takes entries back whose lease has ended. Their consumer is taken for dead, and the event may have killed it: that is certain only where it was alone. */
  endLeases(group: StoredGroup, nowMs: number): void {
    const { maxAttempts, afterLoss } = group.definition;
    const isTogether = afterLoss === "together";
    const ended = this.#entries.ended(group.id, nowMs, MAX_ENDED);
    for (const { position, attempts, consumer, isAlone } of ended) {
      if ((isTogether || isAlone === 1) && attempts >= maxAttempts) this.#park(group, position, wentAway(consumer), nowMs);
      else this.#entries.wait(group.id, position, { attempts, due: nowMs, isSuspect: !isTogether });
    }
    for (const entry of ended) this.#releaseBehind(group, entry, nowMs);
    for (const entry of ended) this.#letFirstGo(group.id, entry, true, nowMs);
  }

  /** Has parked entries delivered again, with their attempts counted anew. */
  replay(group: StoredGroup, parked: readonly GroupEntry[], nowMs: number): void {
    for (const { position } of parked) this.#entries.wait(group.id, position, { attempts: 0, due: nowMs, isSuspect: false });
    for (const entry of parked) this.#releaseBehind(group, entry, nowMs);
    for (const entry of parked) this.#letFirstGo(group.id, entry, true, nowMs);
  }

  /** Drops the entries of events that go from the log. */
  forget(groupId: number, streamId: number, lastVersion: number, nowMs: number): void {
    const keys = new Set(this.#entries.removeOf(groupId, streamId, lastVersion));
    for (const key of keys) if (key !== null) this.#letFirstOf(groupId, key, nowMs);
  }

  /** Tells whether the entry is kept. */
  #settleOne(group: StoredGroup, { position, attempts }: GroupEntry, settlement: Settlement, nowMs: number): boolean {
    const { outcome, error = "", delayMs } = settlement;
    const { maxAttempts } = group.definition;
    if (outcome === "acknowledge" || outcome === "skip") {
      this.#entries.remove(group.id, position);
      return false;
    }
    if (outcome === "release") this.#entries.wait(group.id, position, { attempts: attempts - 1, due: nowMs, isSuspect: false });
    else if (outcome === "park" || attempts >= maxAttempts) this.#park(group, position, error, nowMs);
    else {
      const due = nowMs + (delayMs ?? backOffMs(attempts, group.definition));
      this.#entries.wait(group.id, position, { attempts, due, isSuspect: false });
    }
    return true;
  }

  #park({ id, definition }: StoredGroup, position: Position, error: string, nowMs: number): void {
    const staysInLine = definition.behindParked === "wait";
    this.#entries.park(id, position, { error: parkedError(error), nowMs, staysInLine });
  }

  /** Takes back what is under way, or might be, behind an entry that holds it up. In a line these come one after another. */
  #releaseBehind({ id }: StoredGroup, { key, position }: GroupEntry, nowMs: number): void {
    if (key === null || !this.#isInLine(id, key, position)) return;
    for (let next = this.#entries.firstInLine(id, key, position); next !== undefined;) {
      if (next.state === EntryState.behind || next.state === EntryState.parked) return;
      if (next.state === EntryState.claimed)
        this.#entries.wait(id, next.position, { attempts: next.attempts - 1, due: nowMs, isSuspect: false });
      else this.#entries.hold(id, next.position);
      next = this.#entries.firstInLine(id, key, next.position);
    }
  }

  #isInLine(groupId: number, key: string, position: Position): boolean {
    return this.#entries.firstInLine(groupId, key, position - 1)?.position === position;
  }

  /** Lets the first in line of an entry's key go, or the entry itself where it has no key. */
  #letFirstGo(groupId: number, { key, position }: GroupEntry, isKept: boolean, nowMs: number): void {
    if (key !== null) this.#letFirstOf(groupId, key, nowMs);
    else if (isKept && this.#entries.get(groupId, position)?.state === EntryState.behind) this.#entries.letGo(groupId, position, nowMs);
  }

  #letFirstOf(groupId: number, key: string, nowMs: number): void {
    const first = this.#entries.firstInLine(groupId, key);
    if (first?.state === EntryState.behind) this.#entries.letGo(groupId, first.position, nowMs);
  }
}
