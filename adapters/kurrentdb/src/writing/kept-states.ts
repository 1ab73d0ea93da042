import type { AppendStreamState } from "@kurrent/kurrentdb-client";
import { jsonEvent } from "@kurrent/kurrentdb-client";
import { position, type JsonObject, type Position } from "@reactive-domain/core";
import { StoreUnavailable, type RecordedEvent, type Snapshot, type SnapshotItem } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import { jsonObjectOf } from "../json-object-of.ts";
import type { GroupRecord } from "../groups/group-record.ts";
import { checkpointStream, GROUP_DEFINITIONS, snapshotStream } from "../reading/own-streams.ts";
import type { StreamReader } from "../reading/stream-reader.ts";
import type { StreamStates } from "../streams/stream-states.ts";

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
const GROUPS_TYPE = "rd-groups";
const NO_SNAPSHOT: KeptSnapshot = { snapshot: undefined, deletedBefore: 0 };

/** Checkpoints and snapshots, in streams of their own that show their last event. */
export class KeptStates {
  readonly #connection: Connection;
  readonly #streams: StreamReader;
  readonly #states: StreamStates;

  constructor(connection: Connection, streams: StreamReader, states: StreamStates) {
    this.#connection = connection;
    this.#streams = streams;
    this.#states = states;
  }

  /** A checkpoint; `refusals` says how often writing it was refused. Errors: `store-unavailable` where its stream was deleted for ever. */
  async checkpoint(name: string, refusals = 0): Promise<Kept<Position | null>> {
    const { last, expected } = await this.#last(checkpointStream(name), refusals);
    const { position: place } = dataOf(last);
    return { value: typeof place === "number" && Number.isSafeInteger(place) && place >= 0 ? position(place) : null, expected };
  }

  /** The last snapshot of a name, as {@link checkpoint}. */
  async snapshot(name: string, refusals = 0): Promise<Kept<KeptSnapshot>> {
    const { last, expected } = await this.#last(snapshotStream(name), refusals);
    return { value: last === undefined ? NO_SNAPSHOT : keptSnapshot(name, last), expected };
  }

  /** The consumer groups of the store, as {@link checkpoint}. */
  async groups(refusals = 0): Promise<Kept<readonly GroupRecord[]>> {
    const { last, expected } = await this.#last(GROUP_DEFINITIONS, refusals);
    const { groups = [] } = dataOf(last) as { readonly groups?: readonly GroupRecord[] };
    return { value: groups, expected };
  }

  groupsEvent(groups: readonly GroupRecord[]): ReturnType<typeof jsonEvent> {
    return jsonEvent({ id: this.#connection.runtime.ids.next(), type: GROUPS_TYPE, data: { groups } });
  }

  /** Whether no snapshot of a name can be there, or come. */
  async isSnapshotEnded(name: string): Promise<boolean> {
    return (await this.#streams.last(snapshotStream(name))).state === "tombstoned";
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

  /** What a stream shows, and what it must be for the next event. What it hides is looked for only after a refusal, and before what it shows: nobody's event is passed over. */
  async #last(stream: string, refusals: number) {
    const hidden = refusals === 0 ? null : await this.#states.lastWritten(stream);
    const { state, event: last } = await this.#streams.last(stream);
    if (state === "tombstoned") {
      const problem = `can keep nothing in stream ${stream} any more, which others have deleted for ever; keep it by another name`;
      throw new StoreUnavailable(this.#connection.name, problem, { retryable: false });
    }
    const version = last?.version ?? hidden;
    const expected: AppendStreamState = version === null ? "no_stream" : BigInt(version);
    return { last, expected };
  }
}

function dataOf(event: RecordedEvent | undefined): JsonObject {
  return typeof event?.data === "string" ? jsonObjectOf(event.data) : {};
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
