import type { Position } from "@reactive-domain/core";
import type { Fence } from "../lease.ts";

/** `live` answers; `building` is made beside it; `retired` was live before, and can be again. */
export type GenerationStatus = "live" | "building" | "retired";

/** One making of a projection: its tables, and how far it is. */
export interface GenerationRecord {
  /** Counted up from 1. */
  readonly generation: number;
  readonly status: GenerationStatus;
  /** The version of the definition that it is made by. */
  readonly version: number;
  /** Where each of its lanes is, in positions of the log; `null` before anything is handled. At least one. */
  readonly lanes: readonly (Position | null)[];
  /** How many events its lanes have handled; those that are parked or wait are not among them. */
  readonly handled: number;
  readonly madeAt: Date;
  /** Who has acquired it and has not released it, whether in time or not; `null` for nobody. */
  readonly worker: string | null;
  /** When the worker's lease ends or ended. */
  readonly leaseUntil: Date | null;
  /** The last token that was given for it; `null` before the first. */
  readonly fence: Fence | null;
  /** How many of its entries are in each state. */
  readonly entries: EntryCounts;
}

export type EntryCounts = Readonly<Record<EntryState, number>>;

/** What there is to know of a projection. */
export interface ProjectionRecord {
  readonly name: string;
  /** Counted up by every change that workers must know of. */
  readonly revision: number;
  /** Until when no worker may commit to the live generation; `null` for not paused. */
  readonly pausedUntil: Date | null;
  /** One that is live, at most one that is building, at most one that is retired; by their numbers. */
  readonly generations: readonly GenerationRecord[];
}

/**
 * Why an event is not handled as others are: it `failing`, and is tried again; a `trial` of it and those behind it is under way, since a worker went away with them; it was
 * given up and is `parked`; it is `waiting` behind one of its key that is; it is to be tried again (`replay`).
 */
export type EntryState = "failing" | "trial" | "parked" | "waiting" | "replay";

/** An event of a generation that is not simply handled or to come. */
export interface ProjectionEntry {
  readonly position: Position;
  /** Events that share it are handled in their order. */
  readonly key: string;
  readonly state: EntryState;
  /** How often it was tried. */
  readonly attempts: number;
  /** What was said when it failed last, at most 10,000 characters. */
  readonly error: string;
  /** How many events a `trial` is of; 1 for others. */
  readonly size: number;
  /** Since when it is in its state, by the clock of what keeps it. */
  readonly since: Date;
}

/** An entry to be put in place of that of its position and key. */
export type NewProjectionEntry = Omit<ProjectionEntry, "since">;
