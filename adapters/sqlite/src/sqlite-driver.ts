import { AlreadyClosed, type Position, type Runtime } from "@reactive-domain/core";
import {
  StoreUnavailable,
  type EventBatch,
  type ScavengeResult,
  type Snapshot,
  type StreamInfo,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type {
  EventStoreDriver,
  GroupDriver,
  LeaseDriver,
  MaybePromise,
  PageRequest,
  SnapshotPageRequest,
} from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { Checkpoints } from "./checkpoints.ts";
import { CommitWatch } from "./commit-watch.ts";
import { CopyMark } from "./copy-mark.ts";
import { durabilityOf } from "./durability.ts";
import { EventWriter } from "./event-writer.ts";
import { GroupCommit, type Task } from "./group-commit.ts";
import { SqliteGroupDriver } from "./group-driver.ts";
import { GroupStore } from "./group-store.ts";
import { Leases } from "./leases.ts";
import { PageReader } from "./page-reader.ts";
import { ReadTransaction } from "./read-transaction.ts";
import { MAX_STEP_EVENTS, Scavenger, type ScavengeStep } from "./scavenger.ts";
import { ShownStreams } from "./shown-streams.ts";
import { SnapshotPages } from "./snapshot-pages.ts";
import { Snapshots } from "./snapshots.ts";
import { sqliteFailure } from "./sqlite-failure.ts";
import { SqliteTransfer } from "./sqlite-transfer.ts";
import { countEvents, StoreWriter } from "./store-writer.ts";
import { WalCheckpointer } from "./wal-checkpointer.ts";
import { whileBusy, type BusyWait } from "./while-busy.ts";
import { SqliteWriteTransaction } from "./write-transaction.ts";

export interface SqliteDriverOptions {
  readonly database: Database;
  /** What errors call the store. */
  readonly name: string;
  readonly busyTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly runtime: Runtime;
}

/** The store on one connection. SQLite's calls do not wait, so a transaction is never open while other code of this process runs. */
export class SqliteDriver implements EventStoreDriver {
  readonly name: string;
  readonly durability: string;
  readonly leases: LeaseDriver;
  readonly groups: GroupDriver;
  readonly transfer: SqliteTransfer;
  readonly #database: Database;
  readonly #busyWait: BusyWait;
  readonly #moment: ReadTransaction;
  readonly #streams: ShownStreams;
  readonly #pages: PageReader;
  readonly #snapshots: Snapshots;
  readonly #behindSnapshots: SnapshotPages;
  readonly #checkpoints: Checkpoints;
  readonly #commits: CommitWatch;
  readonly #group: GroupCommit;
  readonly #writer: StoreWriter;
  readonly #scavenger: Scavenger;
  readonly #mark: CopyMark;
  readonly #wal: WalCheckpointer | undefined;
  #isClosing = false;

  constructor({ database, name, busyTimeoutMs, pollIntervalMs, runtime }: SqliteDriverOptions) {
    this.name = name;
    this.durability = durabilityOf(database);
    this.#database = database;
    this.#busyWait = { runtime, timeoutMs: busyTimeoutMs };
    this.#moment = new ReadTransaction(database);
    this.#streams = new ShownStreams(database, runtime.clock);
    this.#pages = new PageReader(database, this.#streams, name);
    this.#commits = new CommitWatch(database, runtime.scheduler, pollIntervalMs);
    const events = new EventWriter(database, runtime.clock);
    this.#snapshots = new Snapshots(database, runtime.clock);
    this.#behindSnapshots = new SnapshotPages({ database, streams: this.#streams, snapshots: this.#snapshots, pages: this.#pages });
    this.#checkpoints = new Checkpoints(database);
    this.#mark = new CopyMark(database, name);
    const leases = new Leases(database, runtime.clock);
    this.leases = this.#leasing(leases);
    const groups = new GroupStore({ database, file: name, events, streams: this.#streams, clock: runtime.clock });
    this.groups = new SqliteGroupDriver({
      groups,
      commit: (task) => this.#commit(task),
      read: (read) => this.#reading(read),
    });
    this.#writer = new StoreWriter({ events, snapshots: this.#snapshots, checkpoints: this.#checkpoints, leases, groups });
    this.#scavenger = new Scavenger({ database, events, streams: this.#streams, groups });
    this.transfer = new SqliteTransfer({
      database,
      file: name,
      mark: this.#mark,
      events,
      busyWait: this.#busyWait,
      commit: (task) => this.#run(task),
      read: (read) => this.#reading(read),
    });
    this.#wal = database.readonly ? undefined : new WalCheckpointer(database);
    this.#group = new GroupCommit({
      transaction: new SqliteWriteTransaction(database, events),
      runtime,
      busyTimeoutMs,
      failure: (error) => sqliteFailure(error, name),
      onCommit: () => this.#commits.notify(),
      afterCommit: () => this.#wal?.afterCommit(),
    });
  }

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const settles = items.some(({ kind }) => kind === "settle");
    return this.#commit({
      events: countEvents(items),
      run: () => this.#writer.write(items),
      isNews: ({ repeated }) => !repeated || settles,
    });
  }

  readPage(request: PageRequest): MaybePromise<EventBatch> {
    return this.#reading(() => this.#pages.read(request));
  }

  readBehindSnapshot(request: SnapshotPageRequest): MaybePromise<EventBatch> {
    return this.#reading(() => this.#behindSnapshots.read(request));
  }

  streamInfo(stream: string): MaybePromise<StreamInfo> {
    return this.#reading(() => this.#streams.info(stream));
  }

  snapshot(name: string): MaybePromise<Snapshot | undefined> {
    return this.#reading(() => this.#snapshots.get(name));
  }

  checkpoint(name: string): MaybePromise<Position | null> {
    return this.#reading(() => this.#checkpoints.get(name));
  }

  /** Step by step, so that others have their turn in between. What a step removed stays removed when the store is closed before the last. */
  async scavenge(): Promise<ScavengeResult> {
    const removed = { events: 0, bytes: 0 };
    for (let after: number | null = 0; after !== null;) {
      if (this.#isClosing) throw new AlreadyClosed(this.name);
      const begin: number = after;
      const step: ScavengeStep = await this.#commit({
        events: MAX_STEP_EVENTS,
        run: () => this.#scavenger.step(begin),
        isNews: ({ events }) => events > 0,
      });
      removed.events += step.events;
      removed.bytes += step.bytes;
      after = step.after;
    }
    return removed;
  }

  onCommit(listener: () => void): () => void {
    return this.#commits.listen(listener);
  }

  #leasing(leases: Leases): LeaseDriver {
    const quietly = <T>(run: () => T): Promise<T> => this.#commit({ events: 0, run, isNews: () => false });
    return {
      acquire: (name, owner, durationMs) => quietly(() => leases.acquire(name, owner, durationMs)),
      renew: (lease, durationMs) => quietly(() => leases.renew(lease, durationMs)),
      release: (lease) => quietly(() => leases.release(lease)),
    };
  }

  /** Errors: those of {@link #run}; `copy-under-way`. */
  #commit<T>(task: Task<T>): Promise<T> {
    return this.#run(this.#mark.guarding(task));
  }

  /** Errors: `store-unavailable` where the store was opened for reading only. */
  #run<T>(task: Task<T>): Promise<T> {
    if (this.#database.readonly)
      throw new StoreUnavailable(this.name, "was opened with readOnly; open it for writing", { retryable: false });
    return this.#group.run(task);
  }

  #reading<T>(read: () => T): MaybePromise<T> {
    const refuse = (error: unknown): never => {
      throw sqliteFailure(error, this.name);
    };
    try {
      const result = whileBusy(() => this.#moment.run(read), this.#busyWait);
      return result instanceof Promise ? result.catch(refuse) : result;
    } catch (error) {
      return refuse(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#group.drained();
    await this.#wal?.close();
    this.#commits.close();
    this.transfer.close();
    this.#database.close();
  }
}
