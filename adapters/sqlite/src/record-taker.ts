import {
  TransferRefused,
  type GroupEntryRecord,
  type LogRecord,
  type SnapshotRecord,
  type StoreRecord,
} from "@reactive-domain/persistence";
import { dataOf } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { EntryTaker } from "./entry-taker.ts";
import type { EventTaker } from "./event-taker.ts";

export interface RecordTakerOptions {
  readonly database: Database;
  /** What errors call the store. */
  readonly file: string;
  readonly events: EventTaker;
}

/** Takes over what another store holds beside its events; inside a transaction that its caller holds. */
export class RecordTaker {
  readonly #file: string;
  readonly #events: EventTaker;
  readonly #entries: EntryTaker;
  readonly #clear: readonly Statement<[]>[];
  readonly #insertSnapshot: Statement;
  readonly #insertCheckpoint: Statement;
  readonly #insertLease: Statement;

  constructor({ database, file, events }: RecordTakerOptions) {
    this.#file = file;
    this.#events = events;
    this.#entries = new EntryTaker(database);
    this.#clear = ["snapshots", "checkpoints", "leases"].map((table) => database.prepare(`DELETE FROM ${table}`));
    this.#insertSnapshot = database.prepare(
      "INSERT INTO snapshots (name, version, schema_version, hash, content_type, data, time) " +
        "VALUES (@name, @version, @schemaVersion, @hash, @contentType, @data, @timeMs)",
    );
    this.#insertCheckpoint = database.prepare("INSERT INTO checkpoints (name, position) VALUES (@name, @position)");
    this.#insertLease = database.prepare("INSERT INTO leases (name, owner, fence, until) VALUES (@name, @owner, @fence, @untilMs)");
  }

  /** Errors: `transfer-refused`; then nothing was taken. */
  take(records: readonly StoreRecord[]): void {
    const entries = records.filter((record) => record.kind === "entry");
    this.#refuseLost(entries);
    for (const record of records) this.#takeRecord(record);
    this.#entries.takeEntries(entries);
  }

  #takeRecord(record: StoreRecord): void {
    if (record.kind === "log") this.#beginRound(record);
    else if (record.kind === "stream") this.#events.putStream(record);
    else if (record.kind === "snapshot") this.#insertSnapshot.run(snapshotRow(record));
    else if (record.kind === "checkpoint") this.#insertCheckpoint.run(record);
    else if (record.kind === "lease") this.#insertLease.run(record);
    else if (record.kind === "group") this.#entries.takeGroup(record);
  }

  /** What the last round left is replaced by this one. Streams stay: none ever goes. */
  #beginRound({ head, headTimeMs, lastFence }: LogRecord): void {
    if (head !== null) this.#events.putHead(head, headTimeMs);
    for (const statement of this.#clear) statement.run();
    this.#entries.clear(lastFence);
  }

  #refuseLost(entries: readonly GroupEntryRecord[]): void {
    const lost = entries.find((entry) => !this.#entries.hasEventOf(entry));
    if (lost === undefined) return;
    const problem = `lacks the event at ${lost.position}, which group ${lost.group} has under way: the source was scavenged meanwhile`;
    throw new TransferRefused(this.#file, problem, "Copy again, into an empty store");
  }
}

function snapshotRow(record: SnapshotRecord): Omit<SnapshotRecord, "data"> & { readonly data: string | Uint8Array } {
  return { ...record, data: dataOf(record) };
}
