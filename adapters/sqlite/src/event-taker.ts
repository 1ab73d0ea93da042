import { JSON_CONTENT_TYPE, TransferRefused, type RecordedEventFields, type StreamLifeRecord } from "@reactive-domain/persistence";
import { categoryOf } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { bytesOfId } from "./event-id.ts";
import { INSERT_EVENT } from "./insert-event.ts";
import { LAST_VERSION } from "./last-version.ts";

/** A stream while events of it are taken. */
interface TakenStream {
  id: number | undefined;
  readonly category: string;
  version: number;
}

/** In SQL, the metadata of a stream that says nothing of itself: a stream that lacks its beginning said something once, else it would have all of its events. */
const SAID_ONCE =
  "CASE WHEN @version >= 0 AND NOT EXISTS (SELECT 1 FROM events JOIN streams ON streams.id = stream_id WHERE name = @name AND version = 0) THEN '{}' END";

type StreamRow = [id: number, version: number];

/** Takes over events of another store, at the places that they have there; inside a transaction that its caller holds. */
export class EventTaker {
  /** What errors call the store. */
  readonly #file: string;
  readonly #find: Statement<[name: string], StreamRow>;
  readonly #lastTime: Statement<[], number>;
  readonly #insertStream: Statement<[name: string, category: string]>;
  readonly #insertEvent: Statement;
  readonly #putStream: Statement;
  readonly #putHead: Statement<[position: number, timeMs: number]>;

  constructor(database: Database, file: string) {
    this.#file = file;
    this.#find = database.prepare<[string], StreamRow>(`SELECT id, ${LAST_VERSION} FROM streams WHERE name = ?`).raw();
    this.#lastTime = database.prepare<[], number>("SELECT time FROM events ORDER BY position DESC LIMIT 1").pluck();
    this.#insertStream = database.prepare("INSERT INTO streams (name, category, known_version) VALUES (?, ?, -1)");
    this.#insertEvent = database.prepare(INSERT_EVENT);
    this.#putStream = database.prepare(
      "INSERT INTO streams (name, category, known_version, deleted_before, is_tombstoned, metadata) " +
        `VALUES (@name, @category, @version, @deletedBefore, @isTombstoned, coalesce(@metadata, ${SAID_ONCE})) ON CONFLICT (name) DO UPDATE SET ` +
        "known_version = excluded.known_version, deleted_before = excluded.deleted_before, is_tombstoned = excluded.is_tombstoned, metadata = excluded.metadata",
    );
    this.#putHead = database.prepare("UPDATE log SET head_position = ?, head_time = ?");
  }

  /** Errors: `transfer-refused`; then nothing was taken. */
  take(events: readonly RecordedEventFields[]): void {
    const streams = this.#streamsOf(events);
    for (const [name, stream] of streams) stream.id ??= Number(this.#insertStream.run(name, stream.category).lastInsertRowid);
    for (const event of events) this.#insert(event, streams.get(event.stream) as TakenStream);
  }

  /** What a stream is beside its events. */
  putStream({ stream, lastVersion, deletedBefore, isTombstoned, metadata }: StreamLifeRecord): void {
    const isSaid = Object.keys(metadata).length > 0;
    this.#putStream.run({
      name: stream,
      category: categoryOf(stream),
      version: lastVersion ?? -1,
      deletedBefore,
      isTombstoned: isTombstoned ? 1 : 0,
      metadata: isSaid ? JSON.stringify(metadata) : null,
    });
  }

  /** Where the log ends: its last events may have been scavenged. */
  putHead(position: number, timeMs: number): void {
    this.#putHead.run(position, timeMs);
  }

  /** The streams of some events, with the versions that these bring them to. Nothing is changed. */
  #streamsOf(events: readonly RecordedEventFields[]): ReadonlyMap<string, TakenStream> {
    const [first] = events;
    if (first !== undefined && first.time.getTime() < (this.#lastTime.get() ?? 0))
      throw this.#refused("has events that were committed later");
    const streams = new Map<string, TakenStream>();
    for (const { stream, version } of events) {
      const taken = streams.get(stream) ?? this.#streamOf(stream);
      if (version <= taken.version) throw this.#refused(`has version ${version} of ${stream} already`);
      taken.version = version;
      streams.set(stream, taken);
    }
    return streams;
  }

  #streamOf(stream: string): TakenStream {
    const [id, version] = this.#find.get(stream) ?? [undefined, -1];
    return { id, version, category: categoryOf(stream) };
  }

  #insert(
    { position, version, type, schemaVersion, time, id, contentType, metadata, data }: RecordedEventFields,
    stream: TakenStream,
  ): void {
    const storedContentType = contentType === JSON_CONTENT_TYPE ? null : contentType;
    this.#insertEvent.run(
      position,
      stream.id,
      version,
      type,
      stream.category,
      schemaVersion,
      time.getTime(),
      bytesOfId(id),
      storedContentType,
      metadata,
      data,
    );
  }

  #refused(problem: string): TransferRefused {
    return new TransferRefused(this.#file, problem, "Take an empty store");
  }
}
