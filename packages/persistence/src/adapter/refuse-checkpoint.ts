import type { Position } from "@reactive-domain/core";
import { AheadOfLog, Fenced, WrongCheckpoint } from "../errors.ts";
import type { Fence } from "../lease.ts";
import type { CheckpointItem } from "../write.ts";

/** What has to be known of a store to decide about a checkpoint. */
export interface CheckpointView {
  /** Where it is. */
  readonly actual: Position | null;
  /** The lease of its name that was given out last, if ever. */
  readonly lease: { readonly fence: Fence; readonly isHeld: boolean } | undefined;
  /** The end of the log behind the write. */
  readonly head: Position | null;
}

/** Decides about a checkpoint. Errors: `fenced`, `wrong-checkpoint`, `ahead-of-log`. */
export function refuseCheckpoint({ name, expected, position, fence }: CheckpointItem, { actual, lease, head }: CheckpointView): void {
  const isUnguarded = fence === undefined && lease?.isHeld !== true;
  if (!isUnguarded && fence !== lease?.fence) throw new Fenced(name, fence, lease?.fence);
  if (expected !== actual) throw new WrongCheckpoint(name, expected, actual);
  if (position !== null && position > (head ?? -1)) throw new AheadOfLog(`Checkpoint ${name}`, position, head);
}
