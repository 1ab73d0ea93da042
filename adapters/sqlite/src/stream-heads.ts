import { version } from "@reactive-domain/core";
import type { StreamMetadata } from "@reactive-domain/persistence";
import { categoryOf, type EventPlace, type StoreView, type StreamHead } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { bytesOfId } from "./event-id.ts";
import type { EventIds } from "./event-ids.ts";
import { LAST_VERSION } from "./last-version.ts";
import { stateOf, type StreamFacts } from "./stream-state.ts";

/** What is known of a stream inside a transaction. */
export interface KnownStream extends StreamFacts {
  readonly id: number;
  readonly name: string;
  readonly category: string;
  version: number;
  deletedBefore: number;
  isTombstoned: boolean;
}

type HeadRow = [id: number, version: number, deletedBefore: number, isTombstoned: number];

/** Twice as many are known at the most: those of late, and those before. */
const MAX_LATE_STREAMS = 20_000;
const NEVER_WRITTEN = -1;
const MISSING: StreamHead = { state: "missing", lastVersion: null };

/** The streams as a writer finds and leaves them, inside a transaction that its caller holds. What is known is kept from one transaction to the next. */
export class StreamHeads implements StoreView {
  readonly #ids: EventIds;
  #late = new Map<string, KnownStream>();
  #before = new Map<string, KnownStream>();
  readonly #selectHead: Statement<[string], HeadRow>;
  readonly #selectEvent: Statement<[Buffer, number], EventPlace>;
  readonly #insert: Statement<[name: string, category: string]>;
  readonly #updateDeletion: Statement<[deletedBefore: number, isTombstoned: number, id: number]>;
  readonly #updateMetadata: Statement<[metadata: string, id: number]>;

  constructor(database: Database, ids: EventIds) {
    this.#ids = ids;
    this.#selectHead = database
      .prepare<[string], HeadRow>(`SELECT id, ${LAST_VERSION}, deleted_before, is_tombstoned FROM streams WHERE name = ?`)
      .raw();
    this.#selectEvent = database.prepare("SELECT version, position FROM events WHERE id = ? AND stream_id = ?");
    this.#insert = database.prepare(`INSERT INTO streams (name, category, known_version) VALUES (?, ?, ${NEVER_WRITTEN})`);
    this.#updateDeletion = database.prepare("UPDATE streams SET deleted_before = ?, is_tombstoned = ? WHERE id = ?");
    this.#updateMetadata = database.prepare("UPDATE streams SET metadata = ? WHERE id = ?");
  }

  head(stream: string): StreamHead {
    const known = this.#find(stream);
    if (known === undefined) return MISSING;
    return { state: stateOf(known), lastVersion: known.version === NEVER_WRITTEN ? null : version(known.version) };
  }

  find(stream: string, eventId: string): EventPlace | undefined {
    if (!this.#ids.mayHave(eventId)) return undefined;
    const known = this.#find(stream);
    return known === undefined ? undefined : this.#selectEvent.get(bytesOfId(eventId), known.id);
  }

  /** A stream that is to be written; it is made where there is none. Its version goes on with its events. */
  toWrite(stream: string): KnownStream {
    return this.#find(stream) ?? this.#create(stream);
  }

  /** Hides what is there now; `tombstone` for ever. A stream that there never was stays missing. */
  delete(name: string, kind: "delete" | "tombstone"): void {
    if (kind === "delete" && this.#find(name) === undefined) return;
    const stream = this.toWrite(name);
    stream.deletedBefore = stream.version + 1;
    stream.isTombstoned ||= kind === "tombstone";
    this.#updateDeletion.run(stream.deletedBefore, stream.isTombstoned ? 1 : 0, stream.id);
  }

  /** Whether a version was deleted with the stream, whether or not it was written again since. */
  hasDeleted(name: string, place: number): boolean {
    return place < (this.#find(name)?.deletedBefore ?? 0);
  }

  describe(name: string, metadata: StreamMetadata): void {
    this.#updateMetadata.run(JSON.stringify(metadata), this.toWrite(name).id);
  }

  /** To be called last in a transaction. */
  end(): void {
    if (this.#late.size <= MAX_LATE_STREAMS) return;
    this.#before = this.#late;
    this.#late = new Map();
  }

  /** To be called when others may have changed streams, or a transaction may have been undone. */
  forget(): void {
    this.#late.clear();
    this.#before.clear();
  }

  #find(name: string): KnownStream | undefined {
    const known = this.#late.get(name);
    if (known !== undefined) return known;
    const knownBefore = this.#before.get(name);
    return knownBefore === undefined ? this.#read(name) : this.#know(knownBefore);
  }

  #read(name: string): KnownStream | undefined {
    const row = this.#selectHead.get(name);
    if (row === undefined) return undefined;
    const [id, last, deletedBefore, isTombstoned] = row;
    return this.#know({
      id,
      name,
      category: categoryOf(name),
      version: last,
      deletedBefore,
      isTombstoned: isTombstoned === 1,
    });
  }

  #create(name: string): KnownStream {
    const category = categoryOf(name);
    const { lastInsertRowid } = this.#insert.run(name, category);
    const id = Number(lastInsertRowid);
    return this.#know({ id, name, category, version: NEVER_WRITTEN, deletedBefore: 0, isTombstoned: false });
  }

  #know(stream: KnownStream): KnownStream {
    this.#late.set(stream.name, stream);
    return stream;
  }
}
