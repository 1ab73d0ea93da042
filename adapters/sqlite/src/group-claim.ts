import { EntryState } from "@reactive-domain/persistence/adapter";
import type { GroupEntries } from "./group-entries.ts";
import type { ClaimFacts, GroupEntry, StoredGroup } from "./group-entry.ts";
import { MAX_LOOKS, type GroupSource } from "./group-source.ts";

type NewEntry = Pick<GroupEntry, "position" | "key">;

/** What one claim comes to, before it is stored. */
export interface Choice {
  readonly known: readonly GroupEntry[];
  /** Those that are taken from the log, with whether they are chosen, too. */
  readonly taken: readonly (NewEntry & { readonly isChosen: boolean })[];
  /** The first position of the log that was not looked at. */
  readonly next: number;
}

export interface ChoiceOptions {
  readonly maxEvents: number;
  readonly nowMs: number;
  /** The first position that is not written yet. */
  readonly end: number;
  /** Whether the consumer holds nothing: only then it may have a suspect. */
  readonly isIdle: boolean;
}

/** Chooses what may be delivered together: the first entries that are due and behind nothing of their key; a suspect only by itself. */
export class GroupClaim {
  readonly #entries: GroupEntries;
  readonly #source: GroupSource;

  constructor(entries: GroupEntries, source: GroupSource) {
    this.#entries = entries;
    this.#source = source;
  }

  choose(group: StoredGroup, options: ChoiceOptions): Choice {
    const [suspect] = this.#entries.inState(group.id, EntryState.suspect, 1);
    const ready = this.#entries.inState(group.id, EntryState.ready, options.maxEvents);
    if (options.isIdle && suspect !== undefined && suspect.position < (ready[0]?.position ?? Number.POSITIVE_INFINITY))
      return { known: [suspect], taken: [], next: group.next };
    const lines = new Map<string, boolean>();
    const known = this.#chooseKnown(group.id, ready, lines, options);
    return { known, ...this.#take(group, known.length, lines, options) };
  }

  /** Stores a choice. */
  store(group: StoredGroup, { known, taken }: Choice, nowMs: number, claim: ClaimFacts | undefined): void {
    for (const entry of taken) this.#entries.add(group.id, entry, nowMs, entry.isChosen ? claim : undefined);
    if (claim !== undefined) for (const { position } of known) this.#entries.claim(group.id, position, claim);
  }

  /**
   * Those that are ready, and behind each chosen one the next of its key, merged in the order of the log. `lines` learns of each key whether all that is in
   * its line is chosen.
   */
  #chooseKnown(groupId: number, ready: GroupEntry[], lines: Map<string, boolean>, { maxEvents, nowMs }: ChoiceOptions): GroupEntry[] {
    const chosen: GroupEntry[] = [];
    for (let entry = ready.shift(); entry !== undefined; entry = ready.shift()) {
      chosen.push(entry);
      if (chosen.length === maxEvents) break;
      if (entry.key === null) continue;
      const next = this.#entries.firstInLine(groupId, entry.key, entry.position);
      lines.set(entry.key, next === undefined);
      if (next?.state === EntryState.behind && next.isSuspect === 0 && next.due <= nowMs) insertInOrder(ready, next);
    }
    return chosen;
  }

  /** Takes events from the log, as long as the group has room, until enough are chosen. */
  #take(group: StoredGroup, chosen: number, lines: Map<string, boolean>, { maxEvents, end }: ChoiceOptions): Omit<Choice, "known"> {
    const taken: (NewEntry & { readonly isChosen: boolean })[] = [];
    let { next } = group;
    let wanted = maxEvents - chosen;
    let room = wanted > 0 && next < end ? this.#room(group, wanted) : 0;
    while (wanted > 0 && room > 0 && next < end && taken.length < MAX_LOOKS) {
      const limit = Math.min(wanted, room);
      const page = this.#source.take({ ...group, next }, limit, end);
      for (const entry of page.entries) {
        const isChosen = this.#isFree(group.id, entry.key, lines);
        taken.push({ ...entry, isChosen });
        if (isChosen) wanted--;
      }
      room -= page.entries.length;
      next = page.next;
      // It has looked at as much as a claim may.
      if (page.entries.length < limit) break;
    }
    return { taken, next };
  }

  /** How many more entries a group may have; less, but no less than wanted, where that is told without a count. */
  #room({ id, next, definition }: StoredGroup, wanted: number): number {
    const { orderBy, maxUnsettled } = definition;
    // Without keys no more is taken than what is wanted.
    const least = orderBy === "none" ? maxUnsettled - (next - (this.#entries.first(id) ?? next)) : 0;
    return least >= wanted ? least : maxUnsettled - this.#entries.countUnsettled(id);
  }

  /** Whether nothing of a key is left that was not chosen. */
  #isFree(groupId: number, key: string | null, lines: Map<string, boolean>): boolean {
    if (key === null) return true;
    let isFree = lines.get(key);
    if (isFree === undefined) {
      isFree = this.#entries.firstInLine(groupId, key) === undefined;
      lines.set(key, isFree);
    }
    return isFree;
  }
}

function insertInOrder(entries: GroupEntry[], entry: GroupEntry): void {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as GroupEntry).position < entry.position) low = middle + 1;
    else high = middle;
  }
  entries.splice(low, 0, entry);
}
