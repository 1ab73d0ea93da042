import type { Snapshot, SnapshotItem, WriteItem, WriteResult } from "@reactive-domain/persistence";
import { StoreDriver } from "./store-driver.ts";

/** Puts an older snapshot in the place of a newer one. */
export class PutsOlderSnapshots extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const item of items.filter(isSnapshot)) await super.write([{ ...item, schemaVersion: item.schemaVersion + 1_000 }]);
    return super.write(items);
  }
}

/** Passes an older snapshot over also when it is of another schema version. */
export class MixesSchemas extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const kept: WriteItem[] = [];
    for (const item of items) if (!isSnapshot(item) || ((await this.snapshot(item.name))?.version ?? 0) <= item.version) kept.push(item);
    return kept.length === 0 ? { position: null, streams: [], repeated: false } : super.write(kept);
  }
}

/** Keeps and gives away the bytes that it was handed. */
export class SharesItsBytes extends StoreDriver {
  readonly #data = new Map<string, string | Uint8Array>();

  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const { name, data } of items.filter(isSnapshot)) this.#data.set(name, data);
    return super.write(items);
  }

  override async snapshot(name: string): Promise<Snapshot | undefined> {
    const found = await super.snapshot(name);
    return found && { ...found, data: this.#data.get(name) ?? found.data };
  }
}

function isSnapshot(item: WriteItem): item is SnapshotItem {
  return item.kind === "snapshot";
}
