import { dataOf } from "../adapter/check-record.ts";
import { ownBytes } from "../adapter/own-bytes.ts";
import type { Snapshot } from "../snapshot.ts";
import type { SnapshotRecord } from "../store-record.ts";
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

  records(): readonly SnapshotRecord[] {
    return Array.from(this.#snapshots.values(), recordOf);
  }

  restore(record: SnapshotRecord): void {
    const { name, version, schemaVersion, hash, contentType, timeMs } = record;
    this.#snapshots.set(name, { name, version, schemaVersion, hash, contentType, data: dataOf(record), time: new Date(timeMs) });
  }

  clear(): void {
    this.#snapshots.clear();
  }
}

function recordOf({ data, time, ...rest }: Snapshot): SnapshotRecord {
  const kept = typeof data === "string" ? data : { base64: Buffer.from(data).toString("base64") };
  return { kind: "snapshot", ...rest, data: kept, timeMs: time.getTime() };
}
