/** A state on its way into a store: what a fold came to, so that it need not be folded again. */
export interface NewSnapshot {
  /** What it is a state of, 1 to 512 characters: the name of a stream, or any other name. Deleting a stream, for ever or not, removes the snapshot of its name. */
  readonly name: string;
  /** How far the fold had come: a stream's version, or a position of the log. An integer from 0. */
  readonly version: number;
  /** Version of the data's shape, from 1. Who finds another than its own does without the snapshot. */
  readonly schemaVersion: number;
  /** A digest of the data, as its writer makes it: who reads it can tell that it is whole. 1 to 256 characters, kept verbatim. */
  readonly hash: string;
  readonly contentType: string;
  /** The state, stored verbatim. */
  readonly data: string | Uint8Array;
}

/** A state as a store gives it back. */
export interface Snapshot extends NewSnapshot {
  /** When it was put, by the store's clock. */
  readonly time: Date;
}
