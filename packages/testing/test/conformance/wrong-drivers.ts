import { currentRuntime, expectedVersion, position, version, type Position } from "@reactive-domain/core";
import {
  recordedEvent,
  WrongExpectedVersion,
  type AppendItem,
  type EventBatch,
  type NewEvent,
  type RecordedEvent,
  type ScavengeResult,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { StoreDriver } from "./store-driver.ts";

/** Leaves out position 3, as a sequence does after a write that failed. */
export class SkipsAPosition extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    return { ...batch, events: batch.events.map((event) => moved(event, event.position < 3 ? 0 : 1)) };
  }
}

/** Takes "must not exist" for "whatever". */
export class IgnoresNoStream extends StoreDriver {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    return super.write(items.map(withoutNoStream));
  }
}

/** Looks at the expected version before it looks whether the events are there. */
export class ChecksVersionFirst extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const { stream, expectedVersion: expected } of items.filter(isAppend)) {
      const { lastVersion } = await this.streamInfo(stream);
      if (expected === "noStream" && lastVersion !== null) throw new WrongExpectedVersion(stream, expected, lastVersion);
    }
    return super.write(items);
  }
}

/** Decides about expected versions, and writes when others have had their turn. */
export class DecidesTooEarly extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const { stream, expectedVersion: expected } of items.filter(isAppend)) {
      const { lastVersion } = await this.streamInfo(stream);
      if (expected === "noStream" && lastVersion !== null) return super.write(items);
    }
    await currentRuntime().scheduler.turn();
    return super.write(items.map(withoutNoStream));
  }
}

/** Answers a repeated append with where the log is now, not with where it was. */
export class AnswersRepeatsAnew extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    const head = position((result.position ?? 0) + (result.repeated ? 1 : 0));
    return {
      ...result,
      position: head,
      streams: result.streams.map(({ stream, version: last }) => ({ stream, version: last, position: head })),
    };
  }
}

/** Writes again what was written, under new ids. */
export class ForgetsIds extends StoreDriver {
  #written = 0;

  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    const renamed = (event: NewEvent): NewEvent => ({
      ...event,
      id: `00000000-0000-7000-8000-${String(this.#written++).padStart(12, "0")}`,
    });
    return super.write(items.map((item) => (isAppend(item) ? { ...item, events: item.events.map(renamed) } : item)));
  }
}

/** Writes the streams of one write one after another. */
export class WritesInParts extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const results: WriteResult[] = [];
    for (const item of items) results.push(await super.write([item]));
    const last = results.at(-1) ?? (await super.write([]));
    return { ...last, streams: results.flatMap(({ streams }) => streams) };
  }
}

/** Forgets the last event of a page that is full. */
export class LosesTheTail extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    const isFull = batch.events.length > 1 && batch.events.length === request.maxEvents;
    return isFull ? { ...batch, events: batch.events.slice(0, -1) } : batch;
  }
}

/** Counts one too many. */
export class ReadsOneMore extends StoreDriver {
  override readPage(request: PageRequest): Promise<EventBatch> {
    return super.readPage({ ...request, maxEvents: request.maxEvents + 1 });
  }
}

/** Begins behind the place that it was told. */
export class SkipsThePlace extends StoreDriver {
  override readPage(request: PageRequest): Promise<EventBatch> {
    const isInside = request.direction === "forwards" && request.from !== "end" && request.from > 0;
    return super.readPage(isInside ? { ...request, from: request.from + 1 } : request);
  }
}

/** Takes a category for everything that begins so. */
export class CategoryByPrefix extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    if (!("category" in request.source)) return super.readPage(request);
    const prefix = request.source.category;
    const batch = await super.readPage({ ...request, source: { all: true } });
    return { ...batch, events: batch.events.filter(({ stream }) => stream.startsWith(prefix)) };
  }
}

/** Hands a stream prefix to LIKE, where an underscore is any character. */
export class PrefixByLike extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const { streamPrefix, ...filter } = request.filter ?? {};
    if (streamPrefix === undefined) return super.readPage(request);
    const pattern = streamPrefix
      .replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
      .replaceAll("_", ".")
      .replaceAll("%", ".*");
    const batch = await super.readPage({ ...request, filter });
    return { ...batch, events: batch.events.filter(({ stream }) => new RegExp(`^${pattern}`, "u").test(stream)) };
  }
}

/** Does not tell its subscriptions of commits. */
export class ForgetsToWake extends StoreDriver {
  protected override committed(): void {}
}

/** Makes the last event but one of the log visible a little late, as transactions that commit out of order do. */
export class ShowsCommitsOutOfOrder extends StoreDriver {
  #late: Position | undefined;

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    const last = result.position ?? 0;
    this.#late = last > 0 ? position(last - 1) : undefined;
    return result;
  }

  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    const seen = batch.events.filter((event) => event.position !== this.#late);
    if (seen.length < batch.events.length) this.#late = undefined;
    return { ...batch, events: seen };
  }
}

/** Shows one event more than a stream's metadata says. */
export class KeepsOneTooMany extends StoreDriver {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    return super.write(
      items.map((item) => {
        if (item.kind !== "metadata" || item.metadata.maxCount === undefined) return item;
        return { ...item, metadata: { ...item.metadata, maxCount: item.metadata.maxCount + 1 } };
      }),
    );
  }
}

/** Deletes for a while what was to be deleted for ever. */
export class ForgivesTombstones extends StoreDriver {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    return super.write(items.map((item) => (item.kind === "tombstone" ? { ...item, kind: "delete" } : item)));
  }
}

/** Removes nothing. */
export class KeepsWhatIsScavenged extends StoreDriver {
  override async scavenge(): Promise<ScavengeResult> {
    return { events: 0, bytes: 0 };
  }
}

/** Keeps JSON as a value, not as text. */
export class NormalisesJson extends StoreDriver {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    const normalised = (event: NewEvent): NewEvent =>
      typeof event.data === "string" && event.contentType === "application/json"
        ? { ...event, data: JSON.stringify(JSON.parse(event.data)) }
        : event;
    return super.write(items.map((item) => (isAppend(item) ? { ...item, events: item.events.map(normalised) } : item)));
  }
}

/** Tells the version that was expected for the one that is. */
export class MisreportsConflicts extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    try {
      return await super.write(items);
    } catch (error) {
      if (!(error instanceof WrongExpectedVersion)) throw error;
      throw new WrongExpectedVersion(error.stream, expectedVersion(error.expected), version(0));
    }
  }
}

function moved(event: RecordedEvent, by: number): RecordedEvent {
  return recordedEvent({ ...event.toJSON(), position: position(event.position + by) });
}

function isAppend(item: WriteItem): item is AppendItem {
  return item.kind === "append";
}

function withoutNoStream(item: WriteItem): WriteItem {
  return isAppend(item) && item.expectedVersion === "noStream" ? { ...item, expectedVersion: "any" } : item;
}
