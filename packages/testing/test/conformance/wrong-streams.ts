import type { Version } from "@reactive-domain/core";
import {
  StreamTombstoned,
  WrongExpectedVersion,
  type EventBatch,
  type ScavengeResult,
  type Snapshot,
  type StreamInfo,
  type StreamMetadata,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import { StoreDriver } from "./store-driver.ts";
import type { PageRequest } from "@reactive-domain/persistence/adapter";

/** Changes metadata on its way in. */
abstract class ChangesMetadata extends StoreDriver {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    return super.write(items.map((item) => (item.kind === "metadata" ? { ...item, metadata: this.change(item.metadata) } : item)));
  }

  protected abstract change(metadata: StreamMetadata): StreamMetadata;
}

/** Shows one event more than maxCount says. */
export class ShowsOneMore extends ChangesMetadata {
  protected override change({ maxCount, ...rest }: StreamMetadata): StreamMetadata {
    return maxCount === undefined ? rest : { ...rest, maxCount: maxCount + 1 };
  }
}

/** Takes milliseconds for seconds. */
export class CountsAgeInSeconds extends ChangesMetadata {
  protected override change({ maxAgeMs, ...rest }: StreamMetadata): StreamMetadata {
    return maxAgeMs === undefined ? rest : { ...rest, maxAgeMs: maxAgeMs * 1_000 };
  }
}

/** Looks at one limit only. */
export class PrefersMaxCount extends ChangesMetadata {
  protected override change({ truncateBefore, ...rest }: StreamMetadata): StreamMetadata {
    return truncateBefore === undefined || rest.maxCount !== undefined ? rest : { ...rest, truncateBefore };
  }
}

/** Has no place for what the application adds. */
export class ForgetsCustom extends ChangesMetadata {
  protected override change({ custom: _, ...rest }: StreamMetadata): StreamMetadata {
    return rest;
  }
}

/** Adds what is said to what was said before. */
export class MergesMetadata extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const merged: WriteItem[] = [];
    for (const item of items) {
      if (item.kind !== "metadata") merged.push(item);
      else merged.push({ ...item, metadata: { ...(await this.streamInfo(item.stream)).metadata, ...item.metadata } });
    }
    return super.write(merged);
  }
}

/** Keeps the object that it was given. */
export class KeepsTheObject extends StoreDriver {
  readonly #metadata = new Map<string, StreamMetadata>();

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    for (const item of items) if (item.kind === "metadata") this.#metadata.set(item.stream, item.metadata);
    return result;
  }

  override async streamInfo(stream: string): Promise<StreamInfo> {
    return { ...(await super.streamInfo(stream)), metadata: this.#metadata.get(stream) ?? {} };
  }
}

/** Removes what is hidden at once, from the log too. */
export class ScavengesAtOnce extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    await super.scavenge();
    return result;
  }
}

/** Begins at version 0 when a deleted stream is written again. */
export class StartsNumbersAnew extends StoreDriver {
  readonly #first = new Map<string, number>();

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    for (const item of items) {
      if (item.kind === "delete") this.#first.set(item.stream, ((await this.streamInfo(item.stream)).lastVersion ?? -1) + 1);
    }
    const streams = result.streams.map((one) => ({ ...one, version: (one.version - (this.#first.get(one.stream) ?? 0)) as Version }));
    return { ...result, streams };
  }
}

/** Tells the last version of a stream that is deleted, as if it were there. */
export class RemembersTheVersion extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    try {
      return await super.write(items);
    } catch (error) {
      if (!(error instanceof WrongExpectedVersion)) throw error;
      throw new WrongExpectedVersion(error.stream, error.expected, (await this.streamInfo(error.stream)).lastVersion);
    }
  }
}

/** Refuses to delete what is deleted already. */
export class DeletesOnce extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const item of items) {
      if (item.kind !== "delete") continue;
      const { state } = await this.streamInfo(item.stream);
      if (state === "deleted") throw new WrongExpectedVersion(item.stream, item.expectedVersion, null);
    }
    return super.write(items);
  }
}

/** Lets go of the snapshot of a deleted stream later, if ever. */
export class KeepsSnapshots extends StoreDriver {
  readonly #seen = new Map<string, Snapshot>();

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const item of items) if (item.kind === "delete") await this.snapshot(item.stream);
    return super.write(items);
  }

  override async snapshot(name: string): Promise<Snapshot | undefined> {
    const found = (await super.snapshot(name)) ?? this.#seen.get(name);
    if (found !== undefined) this.#seen.set(name, found);
    return found;
  }
}

/** Deletes for ever as it deletes: who writes next brings the stream back. */
export class RevivesTombstoned extends StoreDriver {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    return super.write(items.map((item) => (item.kind === "tombstone" ? { ...item, kind: "delete" } : item)));
  }
}

/** Has nothing to bar the name of a stream that never was. */
export class BarsOnlyWhatWas extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const kept: WriteItem[] = [];
    for (const item of items) {
      const isLenient = item.kind === "tombstone" && (item.expectedVersion === "any" || item.expectedVersion === "noStream");
      if (!(isLenient && (await this.streamInfo(item.stream)).state === "missing")) kept.push(item);
    }
    return kept.length > 0 ? super.write(kept) : { position: null, streams: [], repeated: false };
  }
}

/** Refuses a repetition in a stream that was deleted for ever. */
export class LooksForTombstonesFirst extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const item of items) {
      if (item.kind !== "append") continue;
      if ((await this.streamInfo(item.stream)).state === "tombstoned") throw new StreamTombstoned(item.stream);
    }
    return super.write(items);
  }
}

/** Takes a stream whose events are all hidden for one that does not exist. */
export class MissesTheHidden extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    const stream = "stream" in request.source ? request.source.stream : undefined;
    const isHidden = stream !== undefined && (await this.streamInfo(stream)).firstVersion === null;
    return isHidden ? { ...batch, lastVersion: null } : batch;
  }
}

/** Says of every stream that it is there. */
export class InventsStreams extends StoreDriver {
  override async streamInfo(stream: string): Promise<StreamInfo> {
    const info = await super.streamInfo(stream);
    return { ...info, state: info.state === "missing" ? "live" : info.state };
  }
}

/** Does not tell what it removed. */
export class CountsNothing extends StoreDriver {
  override async scavenge(): Promise<ScavengeResult> {
    await super.scavenge();
    return { events: 0, bytes: 0 };
  }
}
