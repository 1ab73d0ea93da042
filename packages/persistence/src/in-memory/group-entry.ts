import type { Fence } from "../lease.ts";
import type { KeptEvent } from "./kept-event.ts";

/** An event that a group has taken from the log and that is not settled. */
export interface GroupEntry {
  readonly event: KeptEvent;
  /** Entries of one key keep their order; one without a key overtakes and is overtaken. */
  readonly key: string | undefined;
  attempts: number;
  state: Waiting | Claimed | Parked;
}

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
  /** Whether its consumer got nothing else with it. */
  readonly isAlone: boolean;
}

export interface Parked {
  readonly kind: "parked";
  readonly error: string;
  readonly atMs: number;
}

/** An entry that may be delivered at once. */
export function waitingSince(dueMs: number): Waiting {
  return { kind: "waiting", dueMs, isSuspect: false };
}
