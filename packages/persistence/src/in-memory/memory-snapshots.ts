import { ownBytes } from "../adapter/own-bytes.ts";
import type { Snapshot } from "../snapshot.ts";
import type { SnapshotItem } from "../write.ts";

/** The last snapshot of each name. */
export class MemorySnapshots {
  readonly #snapshots = new Map<string, Snapshot>();

  get(name: string): Snapshot | undefined {
    const kept = this.#snapshots.get(name);
    return kept && { ...kept, data: ownBytes(kept.data), time: new Date(kept.time) };
  }

  put({ name, version, schemaVersion, hash, contentType, data }: SnapshotItem, timeMs: number): void {
    const known = this.#snapshots.get(name);
    if (known !== undefined && known.schemaVersion === schemaVersion && known.version > version) return;
    this.#snapshots.set(name, { name, version, schemaVersion, hash, contentType, data, time: new Date(timeMs) });
  }

  remove(name: string): void {
    this.#snapshots.delete(name);
  }
}
