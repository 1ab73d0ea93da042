import type { Position, Version } from "@reactive-domain/core";
import type { GroupDefinition } from "./consumer-group.ts";
import type { NewSnapshot } from "./snapshot.ts";
import type { StreamMetadata } from "./stream-metadata.ts";

/** Where the log ends. Its last events may have been scavenged. */
export interface LogRecord {
  readonly kind: "log";
  /** The position of the last event ever written; `null` before the first. */
  readonly head: Position | null;
  /** When that was committed, in milliseconds since 1970; 0 before the first. */
  readonly headTimeMs: number;
  /** The highest token that a claim of a consumer group had; 0 before the first. */
  readonly lastFence: number;
}

/** What a store knows of a stream beside its events. */
export interface StreamLifeRecord {
  readonly kind: "stream";
  readonly stream: string;
  /** The version of the last event ever written to it; `null` when there never was one. */
  readonly lastVersion: Version | null;
  /** Versions below are deleted. */
  readonly deletedBefore: number;
  readonly isTombstoned: boolean;
  readonly metadata: StreamMetadata;
}

/** A snapshot. Bytes stand in base 64. */
export interface SnapshotRecord extends Omit<NewSnapshot, "data"> {
  readonly kind: "snapshot";
  readonly data: string | { readonly base64: string };
  readonly timeMs: number;
}

export interface CheckpointRecord {
  readonly kind: "checkpoint";
  readonly name: string;
  readonly position: Position;
}

/** The lease that was given out last under a name. It stays when it has ended, so that tokens grow. */
export interface LeaseRecord {
  readonly kind: "lease";
  readonly name: string;
  /** `null` when it was given back. */
  readonly owner: string | null;
  readonly fence: number;
  /** 0 when it was given back. */
  readonly untilMs: number;
}

export interface GroupRecord {
  readonly kind: "group";
  readonly name: string;
  /** With its defaults filled in. */
  readonly definition: GroupDefinition;
  /** The first position of the log that was not looked at. */
  readonly next: number;
}

/** An event that a group has taken from the log and that is not settled. */
export interface GroupEntryRecord {
  readonly kind: "entry";
  readonly group: string;
  readonly position: Position;
  /** How many deliveries count. */
  readonly attempts: number;
  readonly state: EntryStateRecord;
}

/** What an entry is up to; times are in milliseconds since 1970. */
export type EntryStateRecord =
  /** `isSuspect`: it was with a consumer that went away, and comes alone. */
  | { readonly kind: "waiting"; readonly dueMs: number; readonly isSuspect: boolean }
  /** `isAlone`: its consumer has had nothing else since; `isTrial`: it was a suspect. */
  | {
      readonly kind: "claimed";
      readonly consumer: string;
      readonly fence: number;
      readonly untilMs: number;
      readonly isAlone: boolean;
      readonly isTrial: boolean;
    }
  | { readonly kind: "parked"; readonly error: string; readonly atMs: number };

/** What a store holds beside its events, as JSON data that no store has a way of its own for. */
export type StoreRecord = LogRecord | StreamLifeRecord | SnapshotRecord | CheckpointRecord | LeaseRecord | GroupRecord | GroupEntryRecord;
