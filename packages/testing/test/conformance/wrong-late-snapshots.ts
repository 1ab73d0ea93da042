import { yieldToLoop } from "@reactive-domain/core";
import type { Snapshot, SnapshotItem, WriteItem, WriteResult } from "@reactive-domain/persistence";
import { StoreDriver } from "./store-driver.ts";

/** Tells what it was given as the snapshot of a name where the store under it has none. */
abstract class KeepsMore extends StoreDriver {
  readonly #more = new Map<string, SnapshotItem>();

  override async snapshot(name: string): Promise<Snapshot | undefined> {
    const item = this.#more.get(name);
    return (await super.snapshot(name)) ?? (item && { ...item, time: new Date() });
  }

  protected keep(item: SnapshotItem): void {
    this.#more.set(item.name, item);
  }

  /** What a deletion removes. */
  protected forgetOf(items: readonly WriteItem[]): void {
    for (const item of items) if (item.kind === "delete" || item.kind === "tombstone") this.#more.delete(item.stream);
  }
}

/** Puts a snapshot although its version was deleted. */
export class PutsDeletedSnapshots extends KeepsMore {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    this.forgetOf(items);
    for (const item of items) if (item.kind === "snapshot") this.keep(item);
    return result;
  }
}

/** Puts a snapshot although its version was deleted, once its stream is written again. */
export class ForgetsOldDeletions extends KeepsMore {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    this.forgetOf(items);
    for (const item of items) if (item.kind === "snapshot" && (await this.streamInfo(item.name)).state === "live") this.keep(item);
    return result;
  }
}

/** Looks whether the stream is deleted, and writes later. */
export class LooksThenPuts extends KeepsMore {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const live: SnapshotItem[] = [];
    for (const item of items) if (item.kind === "snapshot" && (await this.streamInfo(item.name)).state === "live") live.push(item);
    await yieldToLoop();
    const result = await super.write(items);
    this.forgetOf(items);
    for (const item of live) this.keep(item);
    return result;
  }
}

/** Passes every snapshot over that is of a version that its stream does not show. */
export class TakesHiddenForDeleted extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const kept: WriteItem[] = [];
    for (const item of items) if (item.kind !== "snapshot" || (await this.#isShown(item))) kept.push(item);
    return kept.length === 0 ? { position: null, streams: [], repeated: false } : super.write(kept);
  }

  async #isShown({ name, version }: SnapshotItem): Promise<boolean> {
    const { state, firstVersion } = await this.streamInfo(name);
    return state !== "live" || (firstVersion ?? Infinity) <= version;
  }
}

/** Passes every snapshot over whose name is not that of a stream that is there. */
export class WantsAStream extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const kept: WriteItem[] = [];
    for (const item of items) if (item.kind !== "snapshot" || (await this.streamInfo(item.name)).state === "live") kept.push(item);
    return kept.length === 0 ? { position: null, streams: [], repeated: false } : super.write(kept);
  }
}
