import type { StreamState } from "@reactive-domain/persistence";

/** What a stream's row says about its life. */
export interface StreamFacts {
  /** That of the last event ever written, or -1. */
  readonly version: number;
  /** Versions below are deleted. */
  readonly deletedBefore: number;
  readonly isTombstoned: boolean;
}

export function stateOf({ version, deletedBefore, isTombstoned }: StreamFacts): StreamState {
  if (isTombstoned) return "tombstoned";
  if (version < 0) return "missing";
  return deletedBefore > version ? "deleted" : "live";
}
