import type { WriteItem, WriteResult } from "@reactive-domain/persistence";

/** Children that write at the same time have slots of their own. */
export type Slot = "a" | "b" | "c" | "d";

export const SLOTS: readonly [Slot, ...Slot[]] = ["a", "b", "c", "d"];

/** A write with all that is needed to repeat it. */
export interface SentWrite {
  /** `<caller>#<number>`, the numbers of a caller going up from 0. */
  readonly id: string;
  readonly items: readonly WriteItem[];
}

/** What a child is told to do. */
export interface Orders {
  readonly slot: Slot;
  readonly seed: number;
  readonly round: number;
  /** The file in which a projection keeps its work. */
  readonly journal: string;
  readonly sabotage: string | null;
  /** Writes nothing new, finishes what is open, and ends. */
  readonly isLast: boolean;
  /** The next number of each caller; 0 where there is none. */
  readonly next: Readonly<Record<string, number>>;
  /** Writes without a known outcome, which are to be repeated. */
  readonly unknown: readonly SentWrite[];
}

/** What a child tells, one line of JSON each. */
export type Report =
  /** It has loaded everything and waits for its orders. */
  | { readonly kind: "ready" }
  | { readonly kind: "open" }
  | { readonly kind: "sent"; readonly write: SentWrite }
  | { readonly kind: "acknowledged"; readonly id: string; readonly result: WriteResult | null }
  | { readonly kind: "refused"; readonly id: string; readonly code: string }
  | { readonly kind: "scavenging" }
  /** A handler of a consumer group has an event. */
  | { readonly kind: "handling"; readonly by: string; readonly position: number }
  /** A thing that was done already came again, though nobody else can have done it. */
  | { readonly kind: "again"; readonly what: string }
  | { readonly kind: "fault"; readonly what: string };

/** The descriptor on which a child reports. */
export const REPORT_FD = 3;
