import type { CheckpointItem, SnapshotItem, WriteResult } from "@reactive-domain/persistence";
import { refuseCheckpoint } from "@reactive-domain/persistence/adapter";
import { isRefusal } from "../connection/kurrent-failure.ts";
import type { LogReader } from "../reading/log-reader.ts";
import { checkpointStream, snapshotStream } from "../reading/own-streams.ts";
import { DONE } from "./done.ts";
import type { Kept, KeptSnapshot, KeptStates } from "./kept-states.ts";
import type { Position } from "@reactive-domain/core";

/** Writes checkpoints and snapshots: looks, and puts something in the place of what it has seen, again where another was faster. */
export class ProgressWriter {
  readonly #kept: KeptStates;
  readonly #log: LogReader;

  constructor(kept: KeptStates, log: LogReader) {
    this.#kept = kept;
    this.#log = log;
  }

  async moveCheckpoint(item: CheckpointItem): Promise<WriteResult> {
    await untilDone(async () => {
      const kept = await this.seenCheckpoint(item);
      await this.#kept.put(checkpointStream(item.name), this.#kept.checkpointEvent(item.position), kept.expected);
    });
    return DONE;
  }

  /** A checkpoint that may be moved. Errors: `wrong-checkpoint`, `ahead-of-log`, `fenced`. */
  async seenCheckpoint(item: CheckpointItem): Promise<Kept<Position | null>> {
    const [kept, head] = await Promise.all([this.#kept.checkpoint(item.name), this.#log.head()]);
    refuseCheckpoint(item, { actual: kept.value, lease: undefined, head });
    return kept;
  }

  async putSnapshot(item: SnapshotItem): Promise<WriteResult> {
    await untilDone(async () => {
      const { value, expected } = await this.#kept.snapshot(item.name);
      if (isLate(item, value)) return;
      await this.#kept.put(snapshotStream(item.name), this.#kept.snapshotEvent(item, value.deletedBefore), expected);
    });
    return DONE;
  }

  /** Removes the snapshot of a stream that was deleted, and keeps those of its versions from coming late. */
  async removeSnapshot(stream: string, deletedBefore: number): Promise<void> {
    await untilDone(async () => {
      const { value, expected } = await this.#kept.snapshot(stream);
      if (value.snapshot === undefined && value.deletedBefore >= deletedBefore) return;
      await this.#kept.put(snapshotStream(stream), this.#kept.noSnapshotEvent(deletedBefore), expected);
    });
  }
}

/** Whether a snapshot is to be passed over for what is there. */
export function isLate({ version, schemaVersion }: SnapshotItem, { snapshot, deletedBefore }: KeptSnapshot): boolean {
  if (version < deletedBefore) return true;
  return snapshot !== undefined && snapshot.schemaVersion === schemaVersion && version < snapshot.version;
}

/** Does it again where somebody else has written meanwhile. */
async function untilDone(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}
