import { position, version, type Clock } from "@reactive-domain/core";
import { JSON_CONTENT_TYPE, type AppendItem, type NewEvent, type StreamResult } from "@reactive-domain/persistence";
import type { Database, Statement } from "better-sqlite3";
import { bytesOfId } from "./event-id.ts";
import { EventIds } from "./event-ids.ts";
import { INSERT_EVENT } from "./insert-event.ts";
import { StreamHeads, type KnownStream } from "./stream-heads.ts";

/**
 * Writes events behind the end of the log, inside a transaction that its caller holds. What it knows of streams and of the end is kept from one transaction to
 * the next, as long as `PRAGMA data_version` tells that no other connection has committed.
 */
export class EventWriter {
  readonly streams: StreamHeads;
  readonly #ids: EventIds;
  readonly #clock: Clock;
  readonly #dataVersion: Statement<[], number>;
  readonly #selectLast: Statement<[], [position: number, time: number]>;
  readonly #insertEvent: Statement;
  #knownDataVersion: number | undefined;
  #nextPosition = 0;
  #timeMs = 0;

  constructor(database: Database, clock: Clock) {
    this.#ids = new EventIds(database);
    this.streams = new StreamHeads(database, this.#ids);
    this.#clock = clock;
    this.#dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck();
    this.#selectLast = database
      .prepare<[], [number, number]>(
        "SELECT position, time FROM (SELECT position, time FROM events ORDER BY position DESC LIMIT 1) " +
          "UNION ALL SELECT head_position, head_time FROM log ORDER BY position DESC LIMIT 1",
      )
      .raw();
    this.#insertEvent = database.prepare(INSERT_EVENT);
  }

  /** The position of the last event ever written, or -1. */
  get lastPosition(): number {
    return this.#nextPosition - 1;
  }

  /** To be called first in a transaction. */
  begin(): void {
    const dataVersion = this.#dataVersion.get();
    if (dataVersion !== this.#knownDataVersion) {
      this.streams.forget();
      this.#ids.learn();
      const [last, lastTimeMs] = this.#selectLast.get() ?? [-1, 0];
      this.#nextPosition = last + 1;
      this.#timeMs = lastTimeMs;
      this.#knownDataVersion = dataVersion;
    }
    // The clock may go back; the log does not.
    this.#timeMs = Math.max(this.#timeMs, this.#clock.now());
  }

  append({ stream, events }: AppendItem): StreamResult {
    const known = this.streams.toWrite(stream);
    for (const event of events) this.#insert(event, known);
    return { stream, version: version(known.version), position: position(this.#nextPosition - 1) };
  }

  /** To be called last in a transaction. */
  end(): void {
    this.streams.end();
    this.#ids.end();
  }

  /** To be called when the transaction was, or may have been, undone. */
  forget(): void {
    this.streams.forget();
    this.#knownDataVersion = undefined;
  }

  #insert({ id, type, schemaVersion, contentType, data, metadata }: NewEvent, stream: KnownStream): void {
    const storedContentType = contentType === JSON_CONTENT_TYPE ? null : contentType;
    this.#ids.add(id);
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
