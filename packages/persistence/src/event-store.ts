import type { ExpectedVersion, Position } from "@reactive-domain/core";
import type { Gaps } from "./capability.ts";
import type { ConsumerGroups } from "./consumer-group.ts";
import type { Leases } from "./lease.ts";
import type { CallOptions, CursorOf, EventRead, ReadOptions, ReadSource } from "./read.ts";
import type { NewEvent } from "./recorded-event.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StreamInfo } from "./stream-metadata.ts";
import type { SubscribeOptions, Subscription } from "./subscription.ts";
import type { Transfer } from "./transfer.ts";
import type { StreamResult, WriteItem, WriteResult } from "./write.ts";

export interface WriteOptions extends CallOptions {
  /**
   * Whether streams and event types whose names begin with `$` may be written. They are the system's: this is for what serves a store under another protocol, and
   * not for applications. Names of snapshots, checkpoints and groups never begin so. Default false.
   */
  readonly systemStreams?: boolean;
}

export interface AppendOptions extends WriteOptions {
  /** What the stream's last version must be. */
  readonly expectedVersion: ExpectedVersion;
}

/** The outcome of an append. */
export interface AppendResult extends StreamResult {
  /** Whether these events were in the stream already: nothing was written, and this is the outcome of the first time. */
  readonly repeated: boolean;
}

/** What a scavenge gave back. */
export interface ScavengeResult {
  /** How many events it removed. */
  readonly events: number;
  /** Their size, data and metadata, in bytes of UTF-8. */
  readonly bytes: number;
}

/**
 * The event store port (the guide's `IStreamStoreConnection`): one log of events in streams. Positions in the log and versions in a stream have no holes
 * and become visible in order. What a write acknowledged is durable as far as the store is.
 */
export interface EventStore extends AsyncDisposable {
  /** What a write survives that was acknowledged, with the settings as they were read back, like `SQLite, journal_mode=wal, synchronous=FULL`. */
  readonly durability: string;
  /** What this store lacks, and why. What is lacking is refused with `not-supported`. */
  readonly gaps: Gaps;
  /** One worker at a time under each name, with fencing tokens. */
  readonly leases: Leases;
  /** Consumers that share the events of a source. */
  readonly groups: ConsumerGroups;
  /** Everything that the store holds, to be handed to another store. */
  readonly transfer: Transfer;
  /**
   * Writes all items or none. Events that are in their streams already, by id, are recognised before expected versions are looked at: the write is then
   * answered as it was the first time.
   *
   * Each item is decided against the store as it was before the write. What it changes or expects may occur once: a stream in one append, delete, tombstone or
   * expectation, and in one metadata item; a snapshot, which the deletion of its stream removes; a checkpoint; a group. The items are copied at the call.
   *
   * Errors: `wrong-expected-version`, `stream-tombstoned`, `event-already-recorded` (only some of the events are in the log), `wrong-checkpoint`, `fenced`,
   * `ahead-of-log`, `delivery-lost`, `group-not-found`, `invalid-write`, `not-supported`, `already-closed`, and those of the store.
   */
  write(items: readonly WriteItem[], options?: WriteOptions): Promise<WriteResult>;
  /** {@link write} with one append. */
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<AppendResult>;
  /** Reads events. Errors: `invalid-argument` at the call; `already-closed`, and those of the store, while iterating. */
  read<S extends ReadSource>(source: S, options?: ReadOptions<CursorOf<S>>): EventRead;
  /** Follows a source. Errors: `invalid-argument` at the call; see {@link Subscription} for the rest. */
  subscribe<S extends ReadSource>(source: S, options?: SubscribeOptions<CursorOf<S>>): Subscription;
  /** What the store knows of a stream. Errors: `invalid-argument`. */
  streamInfo(stream: string, options?: CallOptions): Promise<StreamInfo>;
  /** The snapshot of a name, if there is one. */
  snapshot(name: string, options?: CallOptions): Promise<Snapshot | undefined>;
  /** Where a checkpoint is; `null` where there is none, which is not 0. */
  checkpoint(name: string, options?: CallOptions): Promise<Position | null>;
  /**
   * Removes the events that deletion and metadata hide in their streams. Versions and positions of what remains stay as they are, and are never given again.
   * The ids of what is removed are forgotten.
   */
  scavenge(options?: CallOptions): Promise<ScavengeResult>;
  /** Finishes the writes that it has accepted, ends the subscriptions and releases everything. Calling it again waits for the same end. */
  close(): Promise<void>;
}
