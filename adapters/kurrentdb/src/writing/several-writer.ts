import { STREAM_STATE } from "@kurrent/kurrentdb-client";
import type { EventData, MultiAppendResult, AppendStreamState } from "@kurrent/kurrentdb-client";
import {
  AheadOfLog,
  Fenced,
  StoreUnavailable,
  WrongCheckpoint,
  type AppendItem,
  type ExpectItem,
  type SnapshotItem,
  type StreamResult,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import { appendsOf, lastPosition, leftToDo } from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import { isRefusal } from "../connection/kurrent-failure.ts";
import { checkpointStream, snapshotStream } from "../reading/own-streams.ts";
import type { StreamReader } from "../reading/stream-reader.ts";
import type { Acknowledged } from "./acknowledged.ts";
import { DONE } from "./done.ts";
import { eventDataWithTexts } from "./event-data.ts";
import type { KeptStates } from "./kept-states.ts";
import { isLate, type ProgressWriter } from "./progress-writer.ts";
import type { RecordedSearch } from "./recorded-search.ts";
import { streamStateOf } from "./stream-state-of.ts";
import { tryAgain } from "./try-again.ts";
import { refuseOwn, type StreamWriter } from "./stream-writer.ts";

export interface SeveralWriterParts {
  readonly connection: Connection;
  readonly streams: StreamReader;
  readonly kept: KeptStates;
  readonly progress: ProgressWriter;
  readonly writer: StreamWriter;
  readonly search: RecordedSearch;
  readonly acknowledged: Acknowledged;
}

/** What is appended to one stream, or expected of one. */
interface Part {
  readonly streamName: string;
  readonly expectedState: AppendStreamState;
  readonly events: readonly EventData[];
}

/** Writes to several streams in one transaction of the server: events, checkpoints, snapshots, each under what is expected of its stream. */
export class SeveralWriter {
  readonly #parts: SeveralWriterParts;

  constructor(parts: SeveralWriterParts) {
    this.#parts = parts;
  }

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const { stream } of appendsOf(items)) refuseOwn(stream);
    return tryAgain(this.#parts.connection, async (refusals) => {
      try {
        return await this.#try(items, refusals);
      } catch (error) {
        const repeated = isRefusal(error) || isOfProgress(error) ? await this.#repeated(items) : undefined;
        if (repeated !== undefined) return repeated;
        // Where nothing is found that it was refused for, somebody was faster with a checkpoint or a snapshot: it is tried again.
        if (isRefusal(error)) await this.#refuse(items);
        throw error;
      }
    });
  }

  async #try(items: readonly WriteItem[], refusals: number): Promise<WriteResult> {
    const { acknowledged } = this.#parts;
    const before = acknowledged.before();
    const parts = (await Promise.all(items.map((item) => this.#partOf(item, refusals)))).flat();
    if (parts.every(({ events }) => events.length === 0)) {
      await this.#refuse(items);
      return DONE;
    }
    const { position: place, responses } = await this.#send(parts);
    const revisions = new Map(responses.map(({ streamName, revision }) => [streamName, Number(revision)]));
    const streams = await Promise.all(appendsOf(items).map(({ stream }) => this.#resultOf(stream, revisions.get(stream) ?? 0)));
    const repeated = acknowledged.isRepeated(Number(place), before) && streams.length > 0;
    return { position: lastPosition(streams), streams, repeated };
  }

  /** What of an item the server is to do. Errors: what refuses it beforehand. */
  async #partOf(item: WriteItem, refusals: number): Promise<readonly Part[]> {
    const { kept, progress } = this.#parts;
    if (item.kind === "append") return [partOf(item, item.events.map(eventDataWithTexts))];
    if (item.kind === "expect") return [partOf(item, [])];
    if (item.kind === "checkpoint") {
      const { expected } = await progress.seenCheckpoint(item, refusals);
      return [{ streamName: checkpointStream(item.name), expectedState: expected, events: [kept.checkpointEvent(item.position)] }];
    }
    if (item.kind === "snapshot") return this.#snapshotPart(item, refusals);
    return [];
  }

  async #snapshotPart(item: SnapshotItem, refusals: number): Promise<readonly Part[]> {
    const { value, expected } = await this.#parts.kept.snapshot(item.name, refusals);
    if (isLate(item, value)) return [];
    const event = this.#parts.kept.snapshotEvent(item, value.deletedBefore);
    return [{ streamName: snapshotStream(item.name), expectedState: expected, events: [event] }];
  }

  #send(parts: readonly Part[]): Promise<MultiAppendResult> {
    return this.#parts.connection.run((client) => {
      const isAppended = parts.every(({ events }) => events.length > 0);
      if (isAppended) return client.multiStreamAppend(parts.map((part) => ({ ...part, events: [...part.events] })));
      const records = parts.flatMap(({ streamName, events }) => events.map((record) => ({ streamName, record })));
      return client.appendRecords(
        records,
        parts.map(({ streamName, expectedState }) => ({ type: STREAM_STATE, streamName, expectedState })),
      );
    });
  }

  /** The server tells revisions, and of positions the last one of all. */
  async #resultOf(stream: string, revision: number): Promise<StreamResult> {
    const [event] = await this.#parts.streams.events(stream, revision, 1);
    if (event?.version === revision) return { stream, version: event.version, position: event.position };
    throw new StoreUnavailable(this.#parts.connection.name, `does not show what was written to ${stream}`, { retryable: true });
  }

  /** The outcome of the first time, where all events of a refused write are there; then what is left of its progress is done. */
  async #repeated(items: readonly WriteItem[]): Promise<WriteResult | undefined> {
    const repeated = await this.#parts.search.outcome(appendsOf(items));
    if (repeated === undefined) return undefined;
    const names = items.flatMap((item) => (item.kind === "checkpoint" ? item.name : []));
    const places = new Map(await Promise.all(names.map(async (name) => [name, (await this.#parts.kept.checkpoint(name)).value] as const)));
    const view = { checkpoint: (name: string) => places.get(name) ?? null, isHeld: () => false };
    for (const item of leftToDo(items, view)) if (item.kind === "checkpoint") await this.#parts.progress.moveCheckpoint(item);
    return repeated;
  }

  /** Errors: what a stream refuses a write for. */
  async #refuse(items: readonly WriteItem[]): Promise<void> {
    for (const item of items) if (item.kind === "append" || item.kind === "expect") await this.#parts.writer.refuse(item);
  }
}

function isOfProgress(error: unknown): boolean {
  return error instanceof WrongCheckpoint || error instanceof AheadOfLog || error instanceof Fenced;
}

function partOf({ stream, expectedVersion }: AppendItem | ExpectItem, events: readonly EventData[]): Part {
  return { streamName: stream, expectedState: streamStateOf(expectedVersion), events };
}
