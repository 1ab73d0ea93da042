import type { Position } from "@reactive-domain/core";
import type { CallOptions } from "./read.ts";
import type { CopyProgress } from "./transfer.ts";

/** Where the schema of a store is. Both count migrations, from 0 for none. */
export interface SchemaStatus {
  readonly version: number;
  /** What this program brings a store up to. */
  readonly newest: number;
}

/** How much room a store takes, in bytes. */
export interface StoreSize {
  /** The store itself, with its indexes and with room that it does not use. */
  readonly bytes: number;
  /** What is written ahead of it and not moved into it yet; `null` where that is not the store's own, as on a server. */
  readonly logBytes: number | null;
  /** What a vacuum would give back; `null` where only reading all of the store would tell. */
  readonly freeBytes: number | null;
}

/** How many events a store holds. */
export interface EventCount {
  /** The number, or the most that it can be. */
  readonly count: number;
  /** Whether it is the number. A store that was scavenged, and holds very many, would have to be read for it. */
  readonly isExact: boolean;
}

/** How far the checkpoint of a name has come. */
export interface CheckpointStatus {
  readonly name: string;
  readonly position: Position;
  /** Positions from there to the head. Below 0 for one that is ahead of the log: it was taken from another, or from this one before a backup was restored. */
  readonly lag: number;
}

/** What a consumer group has before it. */
export interface GroupProgress {
  readonly name: string;
  /** Positions that it has not looked at yet. Below 0 for one that is ahead of the log, as above. */
  readonly lag: number;
  /** Taken from the log, and with no consumer. */
  readonly waiting: number;
  readonly claimed: number;
  readonly parked: number;
}

/** The room that a table or an index takes, in bytes. */
export interface PartSize {
  readonly name: string;
  readonly bytes: number;
}

/** What there is to know of a store from outside, at one moment. */
export interface StoreStatus {
  readonly location: string;
  /** What an acknowledged write survives, with the settings as they were read back on a connection of its own. */
  readonly durability: string;
  /** The id that was made with the log. */
  readonly epoch: string;
  readonly schema: SchemaStatus;
  readonly size: StoreSize;
  /** The position of the last event ever written; `null` before the first. */
  readonly head: Position | null;
  readonly events: EventCount;
  /** Bytes of the store in use, by event; `null` without events. */
  readonly bytesPerEvent: number | null;
  /** Streams that were written, deleted or spoken of. */
  readonly streams: number;
  readonly snapshots: number;
  /** By name. */
  readonly checkpoints: readonly CheckpointStatus[];
  /** By name. */
  readonly groups: readonly GroupProgress[];
  /** How far the store is as a copy of another one; `null` for a store that is none, also a copy that was written since it was level. */
  readonly copy: CopyProgress | null;
  /** The largest first; `null` unless `sizes` was asked for, and where a store cannot tell. */
  readonly sizes: readonly PartSize[] | null;
}

/** What only the maintenance of some stores can do. */
export type MaintenanceCapability = "backup" | "migrationSql";

export interface StatusOptions extends CallOptions {
  /** Tells the size of each table and index, for which the whole store is read. Default `false`. */
  readonly sizes?: boolean;
}

/** What a migration did. Equal numbers: there was nothing to do. */
export interface MigrateResult {
  readonly from: number;
  readonly to: number;
}

/** Something in a store that is not as it must be. */
export interface Finding {
  /** The law that is broken, in kebab-case, like `stream-versions`. */
  readonly law: string;
  /** What is wrong, as a sentence. */
  readonly problem: string;
}

/** What a check came to: the store is sound when there are no findings. */
export interface CheckResult {
  /** The laws that the store was held to, in their order. */
  readonly laws: readonly string[];
  /** In the order of the laws; of each law the first ones. */
  readonly findings: readonly Finding[];
}

export interface CheckOptions extends CallOptions {
  /** How many of the last events are looked into for JSON that is none, from 0. Default 100,000. */
  readonly maxJsonEvents?: number;
}

export interface BackupOptions extends CallOptions {
  /** Puts the copy in the place of what has the target's name. Default `false`: an existing target is refused. */
  readonly replace?: boolean;
}

/** A copy that was made and verified. */
export interface BackupResult {
  readonly target: string;
  readonly bytes: number;
  /** The position of the last event in the copy; `null` for none. */
  readonly head: Position | null;
}

/** What a vacuum did, in bytes of the store with what is written ahead of it. On a server most of the room stays with the tables, to be used again, and lists of it take some. */
export interface VacuumResult {
  readonly before: number;
  readonly after: number;
}

/**
 * Looking after the place where a store keeps its events, a file or a schema of a database. It is opened on its own, beside stores that have the place open or without any, and changes nothing
 * that it is not asked to change: an old schema stays until `migrate`.
 *
 * What takes long runs beside the event loop, in a thread or on a server, and while others read and write. Every method may throw `store-unavailable`, `foreign-store` (also for the schema of a
 * newer program) and `already-closed`; `signal` gives it up.
 */
export interface StoreMaintenance extends AsyncDisposable {
  /** What errors call the store. */
  readonly location: string;
  /** Tells what there is. Nothing is changed, whatever the age of the schema. */
  status(options?: StatusOptions): Promise<StoreStatus>;
  /** Brings the schema up to the newest, as opening a store for writing does; where a server has no store yet, it makes one. Several may do it at the same time. */
  migrate(options?: CallOptions): Promise<MigrateResult>;
  /**
   * Tells what {@link migrate} would run, for somebody to read, or to run who has more rights: a transaction, or nothing where there is nothing to do. Nothing is
   * changed. Errors: `not-supported` for a store that migrates by more than SQL.
   */
  migrationSql(options?: CallOptions): Promise<string>;
  /** Holds the store to what is promised of its storage and its log. Nothing is changed. Damage is a finding, not an error. Errors: `invalid-argument`. */
  check(options?: CheckOptions): Promise<CheckResult>;
  /**
   * Copies the store as it is at one moment after the call, with everything that was acknowledged before; writers are not held up. Under the target's name
   * there is a whole, flushed and verified copy, or nothing. Errors: `invalid-argument` for a target that exists, has no folder, or is the store itself;
   * `not-supported` where a server keeps the store, and has better means of its own.
   */
  backup(target: string, options?: BackupOptions): Promise<BackupResult>;
  /**
   * Gives unused room back: a file to the disk, while others may read, and wait with their writes; a server to the tables, where it is used again, while others read
   * and write. Positions and versions stay.
   */
  vacuum(options?: CallOptions): Promise<VacuumResult>;
  /** Waits for what is under way. Calling it again waits for the same end. */
  close(): Promise<void>;
}
