import type { CheckpointItem, SnapshotItem, WriteResult } from "@reactive-domain/persistence";
import { refuseCheckpoint } from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import type { LogReader } from "../reading/log-reader.ts";
import { checkpointStream, snapshotStream } from "../reading/own-streams.ts";
import { DONE } from "./done.ts";
import type { Kept, KeptSnapshot, KeptStates } from "./kept-states.ts";
import { tryAgain } from "./try-again.ts";
import type { Position } from "@reactive-domain/core";

/** Writes checkpoints and snapshots: looks, and puts something in the place of what it has seen, again where another was faster. */
export class ProgressWriter {
  readonly #connection: Connection;
  readonly #kept: KeptStates;
  readonly #log: LogReader;

  constructor(connection: Connection, kept: KeptStates, log: LogReader) {
    this.#connection = connection;
    this.#kept = kept;
    this.#log = log;
  }

  async moveCheckpoint(item: CheckpointItem): Promise<WriteResult> {
    await tryAgain(this.#connection, async (refusals) => {
      const kept = await this.seenCheckpoint(item, refusals);
      await this.#kept.put(checkpointStream(item.name), this.#kept.checkpointEvent(item.position), kept.expected);
    });
    return DONE;
  }

  /** A checkpoint that may be moved. Errors: `wrong-checkpoint`, `ahead-of-log`, `fenced`. */
  async seenCheckpoint(item: CheckpointItem, refusals = 0): Promise<Kept<Position | null>> {
    const [kept, head] = await Promise.all([this.#kept.checkpoint(item.name, refusals), this.#log.head()]);
    refuseCheckpoint(item, { actual: kept.value, lease: undefined, head });
    return kept;
  }

  async putSnapshot(item: SnapshotItem): Promise<WriteResult> {
    await tryAgain(this.#connection, async (refusals) => {
      const { value, expected } = await this.#kept.snapshot(item.name, refusals);
      if (isLate(item, value)) return;
      await this.#kept.put(snapshotStream(item.name), this.#kept.snapshotEvent(item, value.deletedBefore), expected);
    });
    return DONE;
  }

  /** Removes the snapshot of a stream that was deleted, and keeps those of its versions from coming late. */
  async removeSnapshot(stream: string, deletedBefore: number): Promise<void> {
    if (await this.#kept.isSnapshotEnded(stream)) return;
    await tryAgain(this.#connection, async (refusals) => {
      const { value, expected } = await this.#kept.snapshot(stream, refusals);
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
