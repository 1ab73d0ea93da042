import type { Fence } from "../lease.ts";
import type { RecordedEvent } from "../recorded-event.ts";
import type { CompleteGroupDefinition } from "./driver.ts";
import { correlationOf } from "./selects.ts";

/** An event that a group has taken from the log and that is not settled. */
export interface GroupEntry {
  readonly event: RecordedEvent;
  /** Entries of one key keep their order; one without a key overtakes and is overtaken. */
  readonly key: string | undefined;
  /** How many deliveries count. */
  attempts: number;
  state: EntryState;
}

export type EntryState = Waiting | Claimed | Parked;

export interface Waiting {
  readonly kind: "waiting";
  /** When it may be delivered. */
  readonly dueMs: number;
  /** Whether it was with a consumer that went away: then it comes alone, so that only the event that did it is blamed. */
  readonly isSuspect: boolean;
}

export interface Claimed {
  readonly kind: "claimed";
  readonly consumer: string;
  readonly fence: Fence;
  readonly untilMs: number;
  /** Whether its consumer has had nothing else since it got it. */
  readonly isAlone: boolean;
  /** Whether it was a suspect: its consumer gets nothing else until it is settled. */
  readonly isTrial: boolean;
}

export interface Parked {
  readonly kind: "parked";
  readonly error: string;
  readonly atMs: number;
}

/** By what the entry of an event keeps its order. */
export function keyOf(event: RecordedEvent, { orderBy }: Pick<CompleteGroupDefinition, "orderBy">): string | undefined {
  if (orderBy === "none") return undefined;
  return orderBy === "stream" ? event.stream : (correlationOf(event) ?? event.id);
}

/** The state of an entry that may be delivered from some time on. */
export function waitingSince(dueMs: number): Waiting {
  return { kind: "waiting", dueMs, isSuspect: false };
}

/** Takes an entry back from its consumer as if it had never been delivered. */
export function release(entry: GroupEntry, nowMs: number): void {
  entry.attempts--;
  entry.state = waitingSince(nowMs);
}

/** An entry that was with a consumer that went away, and has not been delivered since. */
export function isSuspect({ state }: GroupEntry): boolean {
  return state.kind === "waiting" && state.isSuspect;
}
