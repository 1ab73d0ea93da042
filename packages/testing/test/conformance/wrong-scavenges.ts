import { position, type Position } from "@reactive-domain/core";
import {
  recordedEvent,
  type EventBatch,
  type NewEvent,
  type RecordedEvent,
  type ScavengeResult,
  type StreamMetadata,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { StoreDriver } from "./store-driver.ts";

/** Gives the positions behind the last event that is left again. */
export class ReusesPositions extends StoreDriver {
  #from = Number.POSITIVE_INFINITY;
  #by = 0;

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    const streams = result.streams.map((one) => ({ ...one, position: this.#told(one.position) }));
    return { ...result, streams, position: result.position === null ? null : this.#told(result.position) };
  }

  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    const moved = (event: RecordedEvent): RecordedEvent => recordedEvent({ ...event.toJSON(), position: this.#told(event.position) });
    return { ...batch, events: batch.events.map(moved) };
  }

  override async scavenge(): Promise<ScavengeResult> {
    const result = await super.scavenge();
    const end = { source: { all: true }, direction: "backwards", from: "end", maxEvents: 1, maxBytes: 1, filter: undefined } as const;
    const { events, head } = await super.readPage(end);
    this.#from = (head ?? -1) + 1;
    this.#by = this.#from - 1 - (events[0]?.position ?? -1);
    return result;
  }

  #told(real: Position): Position {
    return real >= this.#from ? position(real - this.#by) : real;
  }
}

/** Removes the oldest event that maxCount shows as well. */
export class ScavengesTooMuch extends StoreDriver {
  readonly #metadata = new Map<string, StreamMetadata>();

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const item of items) if (item.kind === "metadata") this.#metadata.set(item.stream, item.metadata);
    return super.write(items);
  }

  override async scavenge(): Promise<ScavengeResult> {
    for (const [stream, metadata] of this.#metadata) {
      const maxCount = (metadata.maxCount ?? 1) - 1;
      if (maxCount > 0) await this.inner.write([{ kind: "metadata", stream, metadata: { ...metadata, maxCount } }]);
    }
    const result = await super.scavenge();
    for (const [stream, metadata] of this.#metadata) await this.inner.write([{ kind: "metadata", stream, metadata }]);
    return result;
  }
}

/** Answers a write of what was removed with the outcome of the first time. */
export class RemembersRemovedIds extends StoreDriver {
  readonly #outcomes = new Map<string, WriteResult>();

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const ids = items.flatMap((item) => (item.kind === "append" ? item.events.map(({ id }: NewEvent) => `${item.stream} ${id}`) : []));
    const known = this.#outcomes.get(ids.join());
    if (known !== undefined) return { ...known, repeated: true };
    const result = await super.write(items);
    if (ids.length > 0) this.#outcomes.set(ids.join(), result);
    return result;
  }
}

/** Ends a read of the log where the next position is missing. */
export class StopsAtHoles extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    if (!("all" in request.source) || request.filter !== undefined || request.direction === "backwards") return batch;
    const hole = batch.events.findIndex((event, index) => event.position !== (request.from as number) + index);
    return hole === -1 ? batch : { ...batch, events: batch.events.slice(0, hole), isEnd: true };
  }
}

/** Takes the last event that is left for the end of the log, also when positions behind it were given. */
export class LosesTheEnd extends StoreDriver {
  override async readPage(request: PageRequest): Promise<EventBatch> {
    const batch = await super.readPage(request);
    const end = { source: { all: true }, direction: "backwards", from: "end", maxEvents: 1, maxBytes: 1, filter: undefined } as const;
    const { events } = await super.readPage(end);
    return { ...batch, head: events[0]?.position ?? null };
  }
}
