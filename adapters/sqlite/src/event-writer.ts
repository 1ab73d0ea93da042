import { position, version, type Clock } from "@reactive-domain/core";
import {
  JSON_CONTENT_TYPE,
  type AppendItem,
  type NewEvent,
  type StreamResult,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import {
  appendsOf,
  categoryOf,
  lastPosition,
  planWrite,
  type EventPlace,
  type StoreView,
  type StreamHead,
} from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { bytesOfId } from "./event-id.ts";

/** What is known of a stream inside a transaction. */
interface StreamState {
  readonly id: number;
  readonly name: string;
  readonly category: string;
  version: number;
  /** What its row says. */
  storedVersion: number;
}

const MAX_KNOWN_STREAMS = 10_000;
const MISSING: StreamHead = { state: "missing", lastVersion: null };

/**
 * Decides about writes and carries them out, inside a transaction that its caller holds. What it knows of streams and of the head is kept from one
 * transaction to the next, as long as `PRAGMA data_version` tells that no other connection has committed.
 */
export class EventWriter implements StoreView {
  readonly #clock: Clock;
  readonly #streams = new Map<string, StreamState>();
  readonly #moved = new Set<StreamState>();
  readonly #dataVersion: Statement<[], number>;
  readonly #selectLast: Statement<[], [position: number, time: number]>;
  readonly #selectStream: Statement<[string], [id: number, version: number]>;
  readonly #selectEvent: Statement<[Buffer, number], EventPlace>;
  readonly #insertStream: Statement<[name: string, category: string, version: number]>;
  readonly #updateStream: Statement<[version: number, id: number]>;
  readonly #insertEvent: Statement;
  #knownDataVersion: number | undefined;
  #nextPosition = 0;
  #timeMs = 0;

  constructor(database: Database, clock: Clock) {
    this.#clock = clock;
    this.#dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck();
    this.#selectLast = database.prepare<[], [number, number]>("SELECT position, time FROM events ORDER BY position DESC LIMIT 1").raw();
    this.#selectStream = database.prepare<[string], [number, number]>("SELECT id, version FROM streams WHERE name = ?").raw();
    this.#selectEvent = database.prepare("SELECT version, position FROM events WHERE id = ? AND stream_id = ?");
    this.#insertStream = database.prepare("INSERT INTO streams (name, category, version) VALUES (?, ?, ?)");
    this.#updateStream = database.prepare("UPDATE streams SET version = ? WHERE id = ?");
    this.#insertEvent = database.prepare(
      "INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, content_type, metadata, data) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
  }

  /** To be called first in a transaction. */
  begin(): void {
    const dataVersion = this.#dataVersion.get();
    if (dataVersion !== this.#knownDataVersion) {
      this.#streams.clear();
      const [last, lastTimeMs] = this.#selectLast.get() ?? [-1, 0];
      this.#nextPosition = last + 1;
      this.#timeMs = lastTimeMs;
      this.#knownDataVersion = dataVersion;
    }
    // The clock may go back; the log does not.
    this.#timeMs = Math.max(this.#timeMs, this.#clock.now());
  }

  /** Errors: those of {@link planWrite}; then nothing of this write was done. */
  write(items: readonly WriteItem[]): WriteResult {
    const repeated = planWrite(items, this);
    if (repeated !== undefined) return repeated;
    const streams = appendsOf(items).map((item) => this.#append(item));
    return { position: lastPosition(streams), streams, repeated: false };
  }

  /** To be called last in a transaction. */
  end(): void {
    for (const state of this.#moved) {
      this.#updateStream.run(state.version, state.id);
      state.storedVersion = state.version;
    }
    this.#moved.clear();
    if (this.#streams.size > MAX_KNOWN_STREAMS) this.#streams.clear();
  }

  /** To be called when the transaction was, or may have been, undone. */
  forget(): void {
    this.#moved.clear();
    this.#knownDataVersion = undefined;
  }

  head(stream: string): StreamHead {
    const state = this.#stateOf(stream);
    return state === undefined ? MISSING : { state: "live", lastVersion: version(state.version) };
  }

  find(stream: string, eventId: string): EventPlace | undefined {
    const state = this.#stateOf(stream);
    return state === undefined ? undefined : this.#selectEvent.get(bytesOfId(eventId), state.id);
  }

  #stateOf(stream: string): StreamState | undefined {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const row = this.#selectStream.get(stream);
    return row === undefined
      ? undefined
      : this.#know({ id: row[0], name: stream, category: categoryOf(stream), version: row[1], storedVersion: row[1] });
  }

  #know(state: StreamState): StreamState {
    this.#streams.set(state.name, state);
    return state;
  }

  #append({ stream, events }: AppendItem): StreamResult {
    const state = this.#stateOf(stream) ?? this.#create(stream, events.length - 1);
    for (const event of events) this.#insert(event, state);
    if (state.version !== state.storedVersion) this.#moved.add(state);
    return { stream, version: version(state.version), position: position(this.#nextPosition - 1) };
  }

  /** A stream is stored with the version that its first append will bring it to. */
  #create(name: string, storedVersion: number): StreamState {
    const category = categoryOf(name);
    const { lastInsertRowid } = this.#insertStream.run(name, category, storedVersion);
    return this.#know({ id: Number(lastInsertRowid), name, category, version: -1, storedVersion });
  }

  #insert({ id, type, schemaVersion, contentType, data, metadata }: NewEvent, stream: StreamState): void {
    const storedContentType = contentType === JSON_CONTENT_TYPE ? null : contentType;
    this.#insertEvent.run(
      this.#nextPosition++,
      stream.id,
      ++stream.version,
      type,
      stream.category,
      schemaVersion,
      this.#timeMs,
      bytesOfId(id),
      storedContentType,
      metadata,
      data,
    );
  }
}
