import { AlreadyClosed, version, type Position } from "@reactive-domain/core";
import {
  InvalidWrite,
  type EventBatch,
  type ScavengeResult,
  type Snapshot,
  type StreamInfo,
  type StreamMetadata,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type { EventStoreDriver, GroupDriver, LeaseDriver, PageRequest, SnapshotPageRequest } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { CommitWatch } from "./commit-watch.ts";
import type { Database } from "./database.ts";
import { PostgresGroupDriver } from "./groups/group-driver.ts";
import { PostgresLeaseDriver } from "./lease-driver.ts";
import { PageReader } from "./reading/page-reader.ts";
import { headOf } from "./schema/parts.ts";
import type { Names } from "./schema/names.ts";
import { selectedSnapshot, snapshotOf } from "./snapshot-row.ts";
import { StoreWriter } from "./store-writer.ts";
import { PostgresTransfer } from "./transfer/postgres-transfer.ts";
import type { WriteOutcome } from "./write-outcome.ts";

export interface PostgresDriverOptions {
  readonly database: Database;
  readonly names: Names;
  readonly durability: string;
  /** Whether the server can be listened to. */
  readonly listen: boolean;
  readonly pollIntervalMs: number;
  readonly answerTimeoutMs: number;
}

const BATCH_EVENTS = 1_000;
/** A look for commits waits for so many intervals between two looks, and as long as this at least. */
const LOOK_INTERVALS = 5;
const LEAST_LOOK_MS = 5_000;

/** The store in the tables of one schema. */
export class PostgresDriver implements EventStoreDriver {
  readonly name: string;
  readonly durability: string;
  readonly batchEvents = BATCH_EVENTS;
  readonly leases: LeaseDriver;
  readonly groups: GroupDriver;
  readonly transfer: PostgresTransfer;
  readonly #writer: StoreWriter;
  readonly #database: Database;
  readonly #names: Names;
  readonly #pages: PageReader;
  readonly #commits: CommitWatch;
  #isClosing = false;

  constructor({ database, names, durability, listen, pollIntervalMs, answerTimeoutMs }: PostgresDriverOptions) {
    const channel = listen ? names.channel : undefined;
    const origin = database.runtime.ids.next();
    const lookTimeoutMs = Math.min(Math.max(LEAST_LOOK_MS, LOOK_INTERVALS * pollIntervalMs), answerTimeoutMs);
    const head = `SELECT ${headOf(names.of)}`;
    const onChange = (): void => this.#commits.notify();
    this.name = database.name;
    this.durability = durability;
    this.#database = database;
    this.#names = names;
    this.#pages = new PageReader(database, names);
    this.#commits = new CommitWatch({ database, channel, origin, pollIntervalMs, lookTimeoutMs, head });
    this.#writer = new StoreWriter({ database, names, channel, origin, onCommit: onChange });
    this.leases = new PostgresLeaseDriver(database, names);
    this.groups = new PostgresGroupDriver({ database, names, channel, origin, onChange });
    this.transfer = new PostgresTransfer({ database, names, onChange });
  }

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const item of items) refuseNul(item);
    return this.#writer.write(items);
  }

  /** Writes in a transaction that its caller holds, and is to end at once. */
  async writeIn(client: PoolClient, items: readonly WriteItem[]): Promise<WriteOutcome> {
    for (const item of items) refuseNul(item);
    return this.#writer.writeIn(client, items);
  }

  /** To be called when a transaction was committed in which something was written. */
  committed(): void {
    this.#commits.notify();
  }

  /** Errors: `already-closed`. */
  refuseClosing(): void {
    if (this.#isClosing) throw new AlreadyClosed(this.name);
  }

  readPage(request: PageRequest): Promise<EventBatch> {
    return this.#pages.read(request);
  }

  readBehindSnapshot(request: SnapshotPageRequest): Promise<EventBatch> {
    return this.#pages.readBehindSnapshot(request);
  }

  async streamInfo(stream: string): Promise<StreamInfo> {
    const of = this.#names.of;
    const [row] = await this.#database.ask(
      `SELECT s.last_version, s.state, s.metadata, (SELECT version FROM ${of("events")}
        WHERE stream = $1 COLLATE "C" AND version >= s.first_shown ORDER BY version LIMIT 1) FROM ${of("stream_ends")}($1, NULL) s`,
      [stream],
    );
    if (row === undefined) return { stream, state: "missing", lastVersion: null, firstVersion: null, metadata: {} };
    const [last, state, metadata, first] = row;
    return {
      stream,
      state: state as StreamInfo["state"],
      lastVersion: Number(last) < 0 ? null : version(Number(last)),
      firstVersion: first === null || first === undefined ? null : version(Number(first)),
      metadata: JSON.parse(metadata ?? "{}") as StreamMetadata,
    };
  }

  async snapshot(name: string): Promise<Snapshot | undefined> {
    const [row] = await this.#database.ask(`SELECT ${selectedSnapshot()} FROM ${this.#names.of("snapshots")} WHERE name = $1 COLLATE "C"`, [
      name,
    ]);
    return row && snapshotOf(name, row);
  }

  async checkpoint(name: string): Promise<Position | null> {
    const [row] = await this.#database.ask(`SELECT position FROM ${this.#names.of("checkpoints")} WHERE name = $1 COLLATE "C"`, [name]);
    return row === undefined ? null : (Number(row[0]) as Position);
  }

  /** Step by step, so that others have their turn in between. What a step removed stays removed when the store is closed before the last. */
  async scavenge(): Promise<ScavengeResult> {
    const removed = { events: 0, bytes: 0 };
    for (let after: string | null = ""; after !== null;) {
      this.refuseClosing();
      const step = await this.#writer.scavengeStep(after);
      this.#pages.forget();
      removed.events += step.events;
      removed.bytes += step.bytes;
      after = step.after;
    }
    return removed;
  }

  onCommit(listener: () => void): () => void {
    return this.#commits.listen(listener);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#database.close(async () => {
      await this.#writer.close();
      await this.#commits.close();
      this.transfer.close();
    });
  }
}

/** PostgreSQL's text has no NUL, and JSON has none. It is refused before it is sent, so that what else is written with it is not. */
function refuseNul(item: WriteItem): void {
  if (item.kind !== "append") return;
  for (const { type, metadata } of item.events)
    if (metadata.includes("\0")) throw new InvalidWrite(`The metadata of ${type}`, "text without the character NUL", "text with it");
}
