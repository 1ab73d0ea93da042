import { jsonEvent, type AppendResult } from "@kurrent/kurrentdb-client";
import { position, version, type JsonObject, type Version } from "@reactive-domain/core";
import {
  InvalidWrite,
  WrongExpectedVersion,
  type AppendItem,
  type DeleteItem,
  type ExpectItem,
  type MetadataItem,
  type StreamResult,
  type TombstoneItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import { planWrite, type StreamHead } from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import { isRefusal } from "../connection/kurrent-failure.ts";
import { isOwnStream } from "../reading/own-streams.ts";
import type { StreamStates } from "../streams/stream-states.ts";
import { metadataBeforeDeletion, metadataData } from "../streams/wire-metadata.ts";
import type { Acknowledged } from "./acknowledged.ts";
import { DONE } from "./done.ts";
import { eventData } from "./event-data.ts";
import type { ProgressWriter } from "./progress-writer.ts";
import type { RecordedSearch } from "./recorded-search.ts";
import { streamStateOf } from "./stream-state-of.ts";
import { tryAgain } from "./try-again.ts";

export interface StreamWriterParts {
  readonly connection: Connection;
  readonly states: StreamStates;
  readonly search: RecordedSearch;
  readonly acknowledged: Acknowledged;
  readonly progress: ProgressWriter;
}

/** Changes one stream in one call. */
export class StreamWriter {
  readonly #parts: StreamWriterParts;

  constructor(parts: StreamWriterParts) {
    this.#parts = parts;
  }

  async append(item: AppendItem): Promise<WriteResult> {
    const { connection, acknowledged, search } = this.#parts;
    const { stream, expectedVersion } = item;
    refuseOwn(stream);
    const events = item.events.map(eventData);
    const options = { streamState: streamStateOf(expectedVersion), deadline: connection.settings.answerTimeoutMs };
    const before = acknowledged.before();
    try {
      const answer = await connection.run((client) => client.appendToStream(stream, events, options));
      const result = resultOf(stream, answer);
      return { position: result.position, streams: [result], repeated: acknowledged.isRepeated(result.position, before) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const repeated = await search.outcome([item]);
      if (repeated !== undefined) return repeated;
      await this.refuse(item);
      // It would be taken now: the stream has changed since.
      throw new WrongExpectedVersion(stream, expectedVersion, null);
    }
  }

  /** Errors: `wrong-expected-version`, `stream-tombstoned`, as the stream is now. */
  async refuse(item: AppendItem | ExpectItem): Promise<void> {
    await this.#plannedHead(item);
  }

  async delete(item: DeleteItem): Promise<WriteResult> {
    return this.#end(item, async (head) => {
      if (head.state !== "live" || head.lastVersion === null) return;
      const expectedRevision = BigInt(head.lastVersion);
      await this.#say(item.stream, metadataBeforeDeletion((await this.#parts.states.metadata(item.stream)).metadata));
      await this.#parts.connection.run((client) => client.deleteStream(item.stream, { expectedRevision }));
    });
  }

  async tombstone(item: TombstoneItem): Promise<WriteResult> {
    return this.#end(item, async ({ state, lastVersion }) => {
      if (state === "tombstoned") return;
      const expectedRevision = lastVersion === null ? "no_stream" : BigInt(lastVersion);
      await this.#parts.connection.run((client) => client.tombstoneStream(item.stream, { expectedRevision }));
    });
  }

  async expect(item: ExpectItem): Promise<WriteResult> {
    await this.refuse(item);
    return DONE;
  }

  /** Says something about a stream. Of one that is deleted the server keeps that in the same place, so it is deleted again. */
  async describe({ stream, metadata }: MetadataItem): Promise<WriteResult> {
    const { states } = this.#parts;
    refuseOwn(stream);
    const { isDeleted } = await states.metadata(stream);
    const lastVersion = isDeleted ? await states.lastWritten(stream) : null;
    const hidden = lastVersion === null ? metadataData(metadata) : { ...metadataBeforeDeletion(metadata), $tb: lastVersion + 1 };
    await this.#say(stream, hidden);
    if (lastVersion !== null) await this.#deleteAgain(stream, lastVersion);
    return DONE;
  }

  async #say(stream: string, data: JsonObject): Promise<void> {
    const { connection } = this.#parts;
    const event = jsonEvent({ id: connection.runtime.ids.next(), type: "$metadata", data: { ...data } });
    await connection.run((client) => client.appendToStream(`$$${stream}`, event));
  }

  async #deleteAgain(stream: string, lastVersion: Version): Promise<void> {
    try {
      await this.#parts.connection.run((client) => client.deleteStream(stream, { expectedRevision: BigInt(lastVersion) }));
    } catch (error) {
      // It was written again meanwhile.
      if (!isRefusal(error)) throw error;
    }
  }

  /** Ends a stream that is as expected. Where somebody has changed it in between, it is looked at again. */
  async #end(item: DeleteItem | TombstoneItem, end: (head: StreamHead) => Promise<void>): Promise<WriteResult> {
    return tryAgain(this.#parts.connection, async () => {
      const head = await this.#plannedHead(item);
      await end(head);
      await this.#parts.progress.removeSnapshot(item.stream, (head.lastVersion ?? -1) + 1);
      return DONE;
    });
  }

  /** How a stream is. Errors: `wrong-expected-version`, `stream-tombstoned`. */
  async #plannedHead(item: AppendItem | DeleteItem | TombstoneItem | ExpectItem): Promise<StreamHead> {
    refuseOwn(item.stream);
    const head = await this.#parts.states.head(item.stream);
    planWrite([item], { head: () => head, find: () => undefined });
    return head;
  }
}

/** Errors: `invalid-write` for streams in which the store keeps something else. */
export function refuseOwn(stream: string): void {
  if (isOwnStream(stream))
    throw new InvalidWrite(
      "A stream name",
      "of another category than rd_snapshot, rd_checkpoint and rd_group, which are the store's",
      stream,
    );
}

function resultOf(stream: string, { nextExpectedRevision, position: place }: AppendResult): StreamResult {
  return { stream, version: version(Number(nextExpectedRevision)), position: position(Number(place?.commit ?? 0n)) };
}
