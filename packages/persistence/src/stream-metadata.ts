import type { JsonObject, Version } from "@reactive-domain/core";

/**
 * What is said about a stream. The first three hide events from reads of that stream; the log, its categories and its types keep them until a scavenge.
 * They may be said before the stream exists, and outlive its deletion.
 */
export interface StreamMetadata {
  /** The most events that the stream shows, from 1: older ones are hidden. */
  readonly maxCount?: number;
  /** How old an event may be and is still shown, in milliseconds, from 1, by the store's clock. */
  readonly maxAgeMs?: number;
  /** Events before this version are hidden. */
  readonly truncateBefore?: Version;
  /** What the application adds. JSON data. */
  readonly custom?: JsonObject;
}

/** `deleted` streams may be written again, `tombstoned` ones never. */
export type StreamState = "missing" | "live" | "deleted" | "tombstoned";

/** What a store knows of a stream. */
export interface StreamInfo {
  readonly stream: string;
  readonly state: StreamState;
  /** The version of the last event ever written to it, also when it is deleted; `null` when there never was one. */
  readonly lastVersion: Version | null;
  /** The version of the first event that a read gives now; `null` when it gives none. */
  readonly firstVersion: Version | null;
  readonly metadata: StreamMetadata;
}
