import type { Position } from "@reactive-domain/core";
import type { Gaps } from "../capability.ts";
import type { Delivery, DeliveryRef, GroupDefinition, GroupStatus, ParkedDelivery } from "../consumer-group.ts";
import type { ScavengeResult } from "../event-store.ts";
import type { Lease } from "../lease.ts";
import type { Direction, EventBatch, EventFilter, ReadSource, StreamSource } from "../read.ts";
import type { Snapshot } from "../snapshot.ts";
import type { StoreRecord } from "../store-record.ts";
import type { StreamInfo } from "../stream-metadata.ts";
import type { CopyProgress, TransferPart, TransferStatus } from "../transfer.ts";
import type { WriteItem, WriteResult } from "../write.ts";

/** What comes at once or later. */
export type MaybePromise<T> = T | Promise<T>;

/** One page of a read. */
export interface PageRequest {
  readonly source: ReadSource;
  readonly direction: Direction;
  /** The first cursor of interest, inclusive: a version of a stream, a position elsewhere. `end` begins behind the last event. */
  readonly from: number | "end";
  /** From 1. */
  readonly maxEvents: number;
  /** A page ends before its events exceed so many bytes; it has at least one event where there is one. From 1. */
  readonly maxBytes: number;
  readonly filter: EventFilter | undefined;
}

/** Which snapshot of its stream's name a read may begin behind. */
export interface WantedSnapshot {
  readonly schemaVersion: number;
  /** The id of an event that the snapshot must not have behind it. */
  readonly unlessRecorded: string | undefined;
  /** The last version that is read. */
  readonly maxVersion: number;
}

/** The first page of a read that begins behind a snapshot where it can: forwards, from the start, without a filter. */
export interface SnapshotPageRequest extends PageRequest {
  readonly source: StreamSource;
  readonly snapshot: WantedSnapshot;
}

/** Leases of a store. Arguments arrive checked. */
export interface LeaseDriver {
  acquire(name: string, owner: string, durationMs: number): MaybePromise<Lease | undefined>;
  /** Errors: `lease-lost`. */
  renew(lease: Lease, durationMs: number): MaybePromise<Lease>;
  release(lease: Lease): MaybePromise<void>;
}

/** A definition with its defaults filled in, but that of `afterLoss`: older definitions are kept without it. */
export type CompleteGroupDefinition = Required<Omit<GroupDefinition, "filter" | "afterLoss">> &
  Pick<GroupDefinition, "filter" | "afterLoss">;

export interface ClaimRequest {
  readonly consumer: string;
  readonly maxEvents: number;
  readonly leaseMs: number;
}

/** What a claim came to. */
export interface Claim {
  readonly deliveries: readonly Delivery[];
  /**
   * In how many milliseconds a retry is due or a lease ends, where nothing was delivered, rounded up; 0 when the log was not looked through to its end; `null` when
   * only a commit can help.
   */
  readonly againInMs: number | null;
}

export interface ParkedRequest {
  readonly after: Position | null;
  readonly limit: number;
}

export interface ReplayRequest {
  readonly positions: readonly Position[] | undefined;
  readonly error: string;
  readonly limit: number;
}

/** Consumer groups of a store: {@link ConsumerGroups} without waiting. Arguments arrive checked. */
export interface GroupDriver {
  create(name: string, definition: CompleteGroupDefinition): MaybePromise<boolean>;
  delete(name: string): MaybePromise<boolean>;
  list(): MaybePromise<readonly GroupStatus[]>;
  status(name: string): MaybePromise<GroupStatus>;
  claim(name: string, request: ClaimRequest): MaybePromise<Claim>;
  /** All or none; no lease becomes shorter. Errors: `group-not-found`, `delivery-lost`. */
  extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): MaybePromise<void>;
  parked(name: string, request: ParkedRequest): MaybePromise<readonly ParkedDelivery[]>;
  replayParked(name: string, request: ReplayRequest): MaybePromise<number>;
  /** Calls `listener` when a claim may come to another answer than before; returns how to stop. Without this method claims that wait are made again at every commit. */
  onChange?(name: string, listener: () => void): () => void;
}

/**
 * Hands out what a store holds, and takes it in. Arguments arrive checked. While a copy is not level the driver refuses, with `copy-under-way`, all of its own
 * calls that change something; the first of them that succeeds once it is level makes `copy` null.
 */
export interface TransferDriver {
  status(): MaybePromise<TransferStatus>;
  /** All records of one moment, in pages of bounded size: the log first, groups before their entries, entries in the order of the log. */
  records(): Iterable<readonly StoreRecord[]> | AsyncIterable<readonly StoreRecord[]>;
  /**
   * Takes a part and notes the progress that {@link planTransfer} tells, both or neither. Returns where it is then.
   *
   * Errors: `transfer-refused`; then nothing of the part was taken.
   */
  take(part: TransferPart): MaybePromise<CopyProgress>;
}

/**
 * What a store has to do itself; {@link createEventStore} makes the whole port of it. Arguments arrive checked, calls never after `close`. Whoever gives a question up is
 * not kept by the driver: it answers all the same, and nobody takes the answer. What is left out stands in `gaps`.
 */
export interface EventStoreDriver {
  /** What errors call it, like `SQLite store bank.db`. */
  readonly name: string;
  /** What a write survives that was acknowledged, with the settings as they were read back. */
  readonly durability: string;
  /** What the store lacks, and why. */
  readonly gaps?: Gaps;
  /** How many events a batch has unless its reader says so. Default 250. */
  readonly batchEvents?: number;
  /**
   * Does all items or none, in the order of the calls; see the port for what is promised. {@link planWrite} decides, and {@link leftToDo} where the events are
   * there already. The items are the driver's own: their writer does not change them any more.
   */
  write(items: readonly WriteItem[]): Promise<WriteResult>;
  /**
   * Reads one page, consistent in itself: events, `isEnd`, `head` and `lastVersion` belong to one moment. A page that is full may say `isEnd: false` although
   * nothing follows.
   */
  readPage(request: PageRequest): MaybePromise<EventBatch>;
  /**
   * Reads the first page of a stream behind the snapshot of its name, which the page then has; where {@link snapshotToUse} passes it over, as {@link readPage} would. All
   * of it belongs to one moment. Without this method such reads begin at the start, which is never wrong: it saves reading what the snapshot has, and a call.
   */
  readBehindSnapshot?(request: SnapshotPageRequest): MaybePromise<EventBatch>;
  streamInfo(stream: string): MaybePromise<StreamInfo>;
  /** Calls `listener` after every commit and every change of a consumer group that it learns of, its own and those of other processes; returns how to stop. */
  onCommit(listener: () => void): () => void;
  /** Finishes accepted writes and releases everything. Called once. */
  close(): Promise<void>;
  snapshot?(name: string): MaybePromise<Snapshot | undefined>;
  checkpoint?(name: string): MaybePromise<Position | null>;
  scavenge?(): MaybePromise<ScavengeResult>;
  readonly leases?: LeaseDriver;
  readonly groups?: GroupDriver;
  readonly transfer?: TransferDriver;
}
