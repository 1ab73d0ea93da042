import type { AppendStreamState } from "@kurrent/kurrentdb-client";
import { jsonEvent } from "@kurrent/kurrentdb-client";
import { position, type JsonObject, type Position } from "@reactive-domain/core";
import type { RecordedEvent, Snapshot, SnapshotItem } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import { checkpointStream, snapshotStream } from "../reading/own-streams.ts";
import type { StreamReader } from "../reading/stream-reader.ts";

/** Something that is kept as the last event of a stream of its own, and where that stream is. */
export interface Kept<T> {
  readonly value: T;
  /** What the stream must be to put something else in its place. */
  readonly expected: AppendStreamState;
}

/** The last snapshot of a name. */
export interface KeptSnapshot {
  readonly snapshot: Snapshot | undefined;
  /** Versions below were deleted with the stream of its name. */
  readonly deletedBefore: number;
}

const CHECKPOINT_TYPE = "rd-checkpoint";
const SNAPSHOT_TYPE = "rd-snapshot";
const NO_SNAPSHOT: KeptSnapshot = { snapshot: undefined, deletedBefore: 0 };

/** Checkpoints and snapshots, in streams of their own that show their last event. */
export class KeptStates {
  readonly #connection: Connection;
  readonly #streams: StreamReader;

  constructor(connection: Connection, streams: StreamReader) {
    this.#connection = connection;
    this.#streams = streams;
  }

  async checkpoint(name: string): Promise<Kept<Position | null>> {
    const last = await this.#last(checkpointStream(name));
    const { position: place } = dataOf(last) as { readonly position?: number | null };
    return { value: typeof place === "number" ? position(place) : null, expected: stateAt(last) };
  }

  async snapshot(name: string): Promise<Kept<KeptSnapshot>> {
    const last = await this.#last(snapshotStream(name));
    return { value: last === undefined ? NO_SNAPSHOT : keptSnapshot(name, last), expected: stateAt(last) };
  }

  /** Puts an event behind the one that was seen. Errors: the client's refusal where another is there. */
  async put(stream: string, event: ReturnType<typeof jsonEvent>, streamState: AppendStreamState): Promise<void> {
    await this.#connection.run((client) => client.appendToStream(stream, event, { streamState }));
    if (streamState !== "no_stream") return;
    const once = jsonEvent({ id: this.#connection.runtime.ids.next(), type: "$metadata", data: { $maxCount: 1 } });
    await this.#connection.run((client) => client.appendToStream(`$$${stream}`, once));
  }

  checkpointEvent(place: Position | null): ReturnType<typeof jsonEvent> {
    return jsonEvent({ id: this.#connection.runtime.ids.next(), type: CHECKPOINT_TYPE, data: { position: place } });
  }

  snapshotEvent({ version, schemaVersion, hash, contentType, data }: SnapshotItem, deletedBefore: number): ReturnType<typeof jsonEvent> {
    const content = typeof data === "string" ? { text: data } : { base64: Buffer.from(data).toString("base64") };
    return this.#event({ version, schemaVersion, hash, contentType, ...content, deletedBefore });
  }

  /** What stands in the place of a snapshot that was deleted with its stream. */
  noSnapshotEvent(deletedBefore: number): ReturnType<typeof jsonEvent> {
    return this.#event({ deletedBefore });
  }

  #event(data: JsonObject): ReturnType<typeof jsonEvent> {
    return jsonEvent({ id: this.#connection.runtime.ids.next(), type: SNAPSHOT_TYPE, data: { ...data } });
  }

  async #last(stream: string): Promise<RecordedEvent | undefined> {
    return (await this.#streams.last(stream)).event;
  }
}

function stateAt(last: RecordedEvent | undefined): AppendStreamState {
  return last === undefined ? "no_stream" : BigInt(last.version);
}

function dataOf(event: RecordedEvent | undefined): JsonObject {
  return typeof event?.data === "string" ? (JSON.parse(event.data) as JsonObject) : {};
}

interface SnapshotData {
  readonly version?: number;
  readonly schemaVersion: number;
  readonly hash: string;
  readonly contentType: string;
  readonly text?: string;
  readonly base64?: string;
  readonly deletedBefore: number;
}

function keptSnapshot(name: string, event: RecordedEvent): KeptSnapshot {
  const { deletedBefore, text, base64, version, schemaVersion, hash, contentType } = dataOf(event) as JsonObject & SnapshotData;
  if (version === undefined) return { snapshot: undefined, deletedBefore };
  const data = text ?? new Uint8Array(Buffer.from(base64 ?? "", "base64"));
  return { snapshot: { name, version, schemaVersion, hash, contentType, data, time: event.time }, deletedBefore };
}
