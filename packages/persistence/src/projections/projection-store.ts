import type { Position } from "@reactive-domain/core";
import type { MaybePromise } from "../adapter/driver.ts";
import type { Fence } from "../lease.ts";
import type { CallOptions } from "../read.ts";
import type { ReadModelShape } from "../read-models/read-model-row.ts";
import type { EntryState, NewProjectionEntry, ProjectionEntry, ProjectionRecord } from "./projection-record.ts";

/**
 * The name to use for a table, or for what belongs to it, as SQL writes it: that of the live generation is the name itself. In PostgreSQL the names of the tables are told with
 * their schema, and others without, as those of indexes are written.
 */
export type TableNamer = (name: string) => string;

/** Tables that a projection makes and fills by SQL of its own. */
export interface OwnTables<C> {
  readonly kind: "tables";
  /** 1 to 20 names of small letters, digits and underscores, at most 40 characters each. */
  readonly tables: readonly string[];
  /** Makes them, within a transaction. In SQLite it is synchronous. */
  readonly create: (connection: C, table: TableNamer) => MaybePromise<unknown>;
}

/** Items of a read model that a projection makes of events. */
export interface OwnDocuments {
  readonly kind: "documents";
  readonly shape: ReadModelShape;
}

/** What a projection keeps. */
export type ProjectionShape<C> = OwnTables<C> | OwnDocuments;

/** A projection as it is to be kept. */
export interface ProjectionMaking<C> {
  /** Of small letters, digits and single dashes, at most 40. */
  readonly name: string;
  /** The version of its definition. */
  readonly version: number;
  readonly shape: ProjectionShape<C>;
}

/** A generation of a projection. */
export interface GenerationRef {
  readonly projection: string;
  readonly generation: number;
}

export interface WorkerRequest extends GenerationRef {
  /** Who asks, 1 to 256 characters: shown to those who look for who works. */
  readonly worker: string;
  /** How long it is the worker's, in milliseconds from now. */
  readonly leaseMs: number;
}

/** What came of asking for a generation: it is the caller's, or somebody else's for so long. */
export type Acquisition =
  | {
      readonly fence: Fence;
      /** Whether the worker before went away without releasing it. */
      readonly wasAbandoned: boolean;
      readonly record: ProjectionRecord;
    }
  | { readonly heldBy: string; readonly forMs: number };

/** What allows a commit. */
export interface WorkerGuard extends GenerationRef {
  readonly fence: Fence;
  /** The record's, as the worker knows it. */
  readonly revision: number;
}

/** A lane that is to be somewhere else. */
export interface LaneMove {
  readonly lane: number;
  readonly expected: Position | null;
  readonly position: Position | null;
}

/** Items that are changed together, each key once. */
export interface DocumentChanges {
  readonly shape: ReadModelShape;
  /** Items to be kept in place of those of their keys. */
  readonly puts: readonly object[];
  /** Keys of items to be removed, as {@link ReadModelRepository.get} takes them. */
  readonly deletes: readonly unknown[];
}

/** What a worker does in one transaction. */
export interface ProjectionCommit<C> extends WorkerGuard {
  readonly moves: readonly LaneMove[];
  /** How many events were handled by it. */
  readonly handled: number;
  /** For documents. */
  readonly documents?: DocumentChanges;
  readonly entries: readonly NewProjectionEntry[];
  /** Entries that there are to be no more. */
  readonly settled: readonly EntryRef[];
  /**
   * SQL of the projection's own; for tables. It runs behind the checks, within a transaction that it must not end. What it throws undoes all of the commit, and is thrown as it
   * is. It may run more than once, where the transaction came to nothing. In SQLite it is synchronous.
   */
  readonly work?: (connection: C, table: TableNamer) => MaybePromise<unknown>;
}

/** What names an entry. An event that goes to several keys may have several. */
export interface EntryRef {
  readonly position: Position;
  readonly key: string;
}

export interface EntriesOptions extends CallOptions {
  /** Only those in these states. Default: all. */
  readonly states?: readonly EntryState[];
  /** Only those of this key. */
  readonly key?: string;
  /** Only those behind this position. */
  readonly after?: Position;
  /** The most, from 1. Default 100. */
  readonly limit?: number;
}

export interface ReplayEntriesOptions extends CallOptions {
  /** Only those at these positions. Default: all that are parked. */
  readonly positions?: readonly Position[];
  /** Only those whose error contains this text. */
  readonly error?: string;
  /** The most, the oldest first, from 1. */
  readonly limit?: number;
}

/** Rows of two generations, held against each other at one moment. */
export interface GenerationComparison {
  /** By table; that of documents has the name of the read model. */
  readonly tables: readonly TableComparison[];
}

export interface TableComparison {
  readonly table: string;
  readonly rows: readonly [one: number, other: number];
  /** Rows of the one that the other does not have as they are. */
  readonly onlyOne: RowSamples;
  readonly onlyOther: RowSamples;
}

export interface RowSamples {
  readonly count: number;
  /** The first of them, as JSON: of documents the items, of tables the columns. */
  readonly samples: readonly string[];
}

/** What is done to a projection from outside of its worker. */
export type ProjectionChange =
  /** No worker may commit to the live generation until then. `null`: they may. */
  | { readonly kind: "pause"; readonly until: Date | null }
  /** The live generation becomes empty: rows, entries, checkpoints. */
  | { readonly kind: "reset" }
  /** A generation becomes the live one, the live one retired; one that was retired before is dropped. `notBehind`: only where no lane of it is behind one of the live generation. */
  | { readonly kind: "swap"; readonly generation: number; readonly notBehind: boolean }
  /** A generation that is not live is forgotten with its tables. */
  | { readonly kind: "drop"; readonly generation: number }
  /** A generation goes on in other lanes. Its lanes must all be at one place. */
  | { readonly kind: "lanes"; readonly generation: number; readonly lanes: number };

/**
 * What keeps projections: their tables, and in the same transactions how far they are. Everything is durable when it is acknowledged.
 *
 * Errors of every call: `already-closed`, `store-unavailable`, `foreign-store`; `projection-not-found` for a name or a generation that is not there.
 */
export interface ProjectionStore<C = unknown> {
  /** What is known of all projections, by name. */
  list(options?: CallOptions): Promise<readonly ProjectionRecord[]>;
  find(name: string, options?: CallOptions): Promise<ProjectionRecord | undefined>;
  /**
   * Makes what is missing: a projection that is not known gets a live generation; one that is known is told, whatever the version of its generations.
   *
   * Errors: `read-model-redefined` where a generation of the same version was made of other tables, or another key or other fields; `foreign-store` where there is something of
   * these names already that no projection, or another one, has made; what `create` throws, and `invalid-argument` where it makes others than its tables.
   */
  define(making: ProjectionMaking<C>, options?: CallOptions): Promise<ProjectionRecord>;
  /** Makes a generation beside the live one; the one that is being built already is told, where there is one. Errors: as of `define`. */
  build(making: ProjectionMaking<C>, options?: CallOptions): Promise<ProjectionRecord>;
  /** Forgets a projection with all that it has. Tells whether there was one. */
  remove(name: string, options?: CallOptions): Promise<boolean>;
  acquire(request: WorkerRequest, options?: CallOptions): Promise<Acquisition>;
  /** Holds on to a generation. Answers its record, or nothing where it is not the caller's any more. */
  renew(request: WorkerRequest & { readonly fence: Fence }, options?: CallOptions): Promise<ProjectionRecord | undefined>;
  /** Gives a generation back. Nothing happens where it is not the caller's any more. */
  release(request: GenerationRef & { readonly fence: Fence }, options?: CallOptions): Promise<void>;
  /**
   * Does all of it or nothing.
   *
   * Errors: `fenced` where the token is not the last; `projection-changed` where the revision is another, or it is paused; `wrong-checkpoint` where a lane is elsewhere;
   * `not-serializable` and `invalid-argument` for items, as of a repository's `put`; what the `work` throws.
   */
  commit(commit: ProjectionCommit<C>, options?: CallOptions): Promise<void>;
  /** Items of a generation as JSON, by key, in the order of the keys; `undefined` where there is none. */
  documents(ref: GenerationRef, wanted: WantedDocuments, options?: CallOptions): Promise<readonly (string | undefined)[]>;
  /** By position. */
  entries(ref: GenerationRef, options?: EntriesOptions): Promise<readonly ProjectionEntry[]>;
  /** Has parked entries of the live generation tried again, and tells how many. Raises the revision where there are any. */
  replay(name: string, options?: ReplayEntriesOptions): Promise<number>;
  /** Changes a projection, raises its revision, and answers its record. Errors: `projection-changed` where it cannot be done as it is now. */
  change(name: string, change: ProjectionChange, options?: CallOptions): Promise<ProjectionRecord>;
  /**
   * Keeps items of the live generation, or has SQL change its tables, without being its worker, where it is at exactly this place: for the rebuilding of single keys. Raises the revision.
   *
   * Errors: `projection-changed` where a lane is elsewhere.
   */
  amend(amendment: ProjectionAmendment<C>, options?: CallOptions): Promise<void>;
  /** Holds the rows of two generations against each other, as they are at one moment. */
  compare(name: string, pair: GenerationPair, options?: CallOptions): Promise<GenerationComparison>;
}

export interface WantedDocuments {
  readonly shape: ReadModelShape;
  readonly keys: readonly unknown[];
}

export interface GenerationPair {
  readonly one: number;
  readonly other: number;
  /** How many rows that differ are told of each table and side, from 0. Default 10. */
  readonly samples?: number;
}

export interface ProjectionAmendment<C> extends Pick<ProjectionCommit<C>, "documents" | "settled" | "work"> {
  readonly projection: string;
  /** Where all lanes of the live generation are. */
  readonly lanes: readonly (Position | null)[];
}
