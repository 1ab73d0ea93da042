import type { ExpectedVersion, Position, Version } from "@reactive-domain/core";
import type { DeliveryRef } from "./consumer-group.ts";
import type { Fence } from "./lease.ts";
import type { NewEvent } from "./recorded-event.ts";
import type { NewSnapshot } from "./snapshot.ts";
import type { StreamMetadata } from "./stream-metadata.ts";

/** Appends events to the end of a stream. */
export interface AppendItem {
  readonly kind: "append";
  /** 1 to 512 characters; its category is the text before the first dash. */
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

/** Deletes a stream: it reads as if it did not exist, until it is written again, with versions that go on. What is deleted already may be deleted again. */
export interface DeleteItem {
  readonly kind: "delete";
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
}

/** Deletes a stream for ever: it can never be written again. */
export interface TombstoneItem {
  readonly kind: "tombstone";
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
}

/**
 * Holds the whole write to what is true of a stream that it does not change otherwise: nothing is done unless the stream is as expected. It changes nothing itself.
 * Beside events that are recorded already it counts as met.
 */
export interface ExpectItem {
  readonly kind: "expect";
  readonly stream: string;
  /** `any` would say nothing, and is refused. */
  readonly expectedVersion: Exclude<ExpectedVersion, "any">;
}

/** Says about a stream all that is to be said: what was said before is forgotten. */
export interface MetadataItem {
  readonly kind: "metadata";
  readonly stream: string;
  readonly metadata: StreamMetadata;
}

/**
 * Puts a snapshot in the place of an earlier one of its name. One that is behind what is there, in the same schema version, is passed over; so is one of a version
 * that was deleted with the stream of its name, whatever is there.
 */
export interface SnapshotItem extends NewSnapshot {
  readonly kind: "snapshot";
}

/** Moves a checkpoint, if it is where the writer believes. */
export interface CheckpointItem {
  readonly kind: "checkpoint";
  /** 1 to 512 characters. */
  readonly name: string;
  /** Where it is; `null` where there is none. */
  readonly expected: Position | null;
  /** Where it is to be, not ahead of the log as this write leaves it; `null` removes it. */
  readonly position: Position | null;
  /** The token of the lease of the same name. It may be left out while nobody holds that lease. */
  readonly fence?: Fence;
}

/** What became of a delivery. */
export interface Settlement extends DeliveryRef {
  /**
   * `acknowledge`: it is handled. `skip`: it needs no handling. `retry`: it is to come again, or to be parked when its attempts are used up. `park`: it is given up.
   * `release`: it was not begun, and is to come again at once; the attempt does not count.
   * Events of its key that are under way behind one that is to come again, or is waited for while parked, are released with it.
   */
  readonly outcome: "acknowledge" | "skip" | "retry" | "park" | "release";
  /** Why, for `retry` and `park`. It is cut at 10,000 characters. */
  readonly error?: string;
  /** When a `retry` is to come, in milliseconds from now, from 0. Default: as the group says. */
  readonly delayMs?: number;
}

/** Settles deliveries of a consumer group. */
export interface SettleItem {
  readonly kind: "settle";
  readonly group: string;
  /** At least one. */
  readonly deliveries: readonly Settlement[];
}

/** One part of a write. Parts are data: a write can be kept, sent and repeated. */
export type WriteItem = AppendItem | DeleteItem | TombstoneItem | ExpectItem | MetadataItem | SnapshotItem | CheckpointItem | SettleItem;

/** What a write did to one stream. */
export interface StreamResult {
  readonly stream: string;
  /** The version of the last event written. */
  readonly version: Version;
  /** The position of the last event written. */
  readonly position: Position;
}

/** What a write did. */
export interface WriteResult {
  /** The position of the last event written: who has handled it has handled all of the write. `null` for a write without an append. */
  readonly position: Position | null;
  /** One per append, in the order given. */
  readonly streams: readonly StreamResult[];
  /**
   * Whether the events of the write were found in the log: this is the outcome of the first time. Of the rest of such a write, checkpoints that are where they were
   * expected are moved, and deliveries that are held are settled; everything else counts as done.
   */
  readonly repeated: boolean;
}
