import { version, type Version } from "@reactive-domain/core";
import { WrongExpectedVersionError } from "@kurrent/kurrentdb-client";
import type { StreamInfo } from "@reactive-domain/persistence";
import type { StreamHead } from "@reactive-domain/persistence/adapter";
import type { Connection } from "../connection/connection.ts";
import { isTombstoned } from "../connection/kurrent-failure.ts";
import type { LogReader } from "../reading/log-reader.ts";
import { streamSelection } from "../reading/selection.ts";
import type { StreamReader } from "../reading/stream-reader.ts";
import { metadataOf, type ToldMetadata } from "./wire-metadata.ts";

const NOTHING: ToldMetadata = { metadata: {}, isDeleted: false };
/** No stream comes so far: an append that expects it is always refused, and the refusal tells how far the stream is. */
const NEVER = 2n ** 53n - 2n;

/** Finds out how streams are. */
export class StreamStates {
  readonly #connection: Connection;
  readonly #streams: StreamReader;
  readonly #log: LogReader;

  constructor(connection: Connection, streams: StreamReader, log: LogReader) {
    this.#connection = connection;
    this.#streams = streams;
    this.#log = log;
  }

  /** How a writer finds a stream. Of one that was deleted for ever the last version is not looked for. */
  async head(stream: string): Promise<StreamHead> {
    const { state, event } = await this.#streams.last(stream);
    if (state === "tombstoned") return { state, lastVersion: null };
    if (event !== undefined) return { state: "live", lastVersion: event.version };
    const [lastVersion, { isDeleted }] = await Promise.all([this.lastWritten(stream), this.metadata(stream)]);
    if (lastVersion === null) return { state: "missing", lastVersion };
    return { state: isDeleted ? "deleted" : "live", lastVersion };
  }

  /** All that is known of a stream. */
  async info(stream: string): Promise<StreamInfo> {
    const [first, { state, lastVersion }] = await Promise.all([this.#streams.first(stream), this.head(stream)]);
    if (state === "tombstoned") return { stream, state, lastVersion: await this.#lastInLog(stream), firstVersion: null, metadata: {} };
    const { metadata } = await this.metadata(stream);
    return { stream, state, lastVersion, firstVersion: first.event?.version ?? null, metadata };
  }

  /** What is said about a stream. */
  async metadata(stream: string): Promise<ToldMetadata> {
    const { event } = await this.#streams.last(`$$${stream}`);
    return event === undefined || typeof event.data !== "string" ? NOTHING : metadataOf(event.data);
  }

  /** The version of the last event that was ever written to a stream, shown or not. */
  async lastWritten(stream: string): Promise<Version | null> {
    try {
      await this.#connection.run((client) => client.appendToStream(stream, [], { streamState: NEVER }));
    } catch (error) {
      if (isTombstoned(error)) return null;
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      return typeof error.actualState === "bigint" && error.actualState >= 0n ? version(Number(error.actualState)) : null;
    }
    return null;
  }

  /** The last version of a stream that was deleted for ever, as far as its events are in the log. */
  async #lastInLog(stream: string): Promise<Version | null> {
    for (let from: number | "end" = "end"; ;) {
      const { events, isEnd, looked } = await this.#log.look(
        { isForwards: false, from },
        { selection: streamSelection(stream), room: { events: 1, bytes: Infinity } },
      );
      if (events[0] !== undefined) return events[0].version;
      if (isEnd || looked === undefined || looked === 0) return null;
      from = looked - 1;
    }
  }
}
