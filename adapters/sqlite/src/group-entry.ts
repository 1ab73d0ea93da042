import type { Position } from "@reactive-domain/core";
import type { CompleteGroupDefinition, EntryState } from "@reactive-domain/persistence/adapter";

/** A group as it is stored. */
export interface StoredGroup {
  readonly id: number;
  readonly name: string;
  readonly definition: CompleteGroupDefinition;
  /** The first position that was not looked at. */
  readonly next: number;
}

/** An event that a group has taken from the log and that is not settled. */
export interface GroupEntry {
  readonly position: Position;
  /** Entries of one key keep their order; one without a key overtakes and is overtaken. */
  readonly key: string | null;
  /** How many deliveries count. */
  readonly attempts: number;
}

/** An entry in the line of its key. */
export interface EntryInLine extends GroupEntry {
  readonly state: EntryState;
  readonly due: number;
  readonly isSuspect: 0 | 1;
}

/** What its consumer holds. */
export interface ClaimFacts {
  readonly consumer: string;
  readonly fence: number;
  readonly untilMs: number;
  /** Whether its consumer has had nothing else since it got it. */
  readonly isAlone: boolean;
}
