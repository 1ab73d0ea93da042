import type { Runtime } from "@reactive-domain/core";
import {
  StoreUnavailable,
  type EventBatch,
  type Gaps,
  type StreamInfo,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type { EventStoreDriver, MaybePromise, PageRequest } from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { CommitWatch } from "./commit-watch.ts";
import { durabilityOf } from "./durability.ts";
import { GroupCommit } from "./group-commit.ts";
import { PageReader } from "./page-reader.ts";
import { sqliteFailure } from "./sqlite-failure.ts";
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

const NOT_YET = "the embedded store does not have it yet; use createInMemoryStore where it is needed today";
const GAPS: Gaps = {
  streamMetadata: NOT_YET,
  softDelete: NOT_YET,
  tombstones: NOT_YET,
  scavenge: NOT_YET,
  snapshots: NOT_YET,
  checkpoints: NOT_YET,
  leases: NOT_YET,
  consumerGroups: NOT_YET,
};

/** The store on one connection. SQLite's calls do not wait, so a transaction is never open while other code of this process runs. */
export class SqliteDriver implements EventStoreDriver {
  readonly name: string;
  readonly durability: string;
  readonly gaps: Gaps = GAPS;
  readonly #database: Database;
  readonly #busyWait: BusyWait;
  readonly #pages: PageReader;
  readonly #commits: CommitWatch;
  readonly #group: GroupCommit;

  constructor({ database, name, busyTimeoutMs, pollIntervalMs, runtime }: SqliteDriverOptions) {
    this.name = name;
    this.durability = durabilityOf(database);
    this.#database = database;
    this.#busyWait = { runtime, timeoutMs: busyTimeoutMs };
    this.#pages = new PageReader(database, name);
    this.#commits = new CommitWatch(database, runtime.scheduler, pollIntervalMs);
    this.#group = new GroupCommit({
      transaction: new SqliteWriteTransaction(database, runtime.clock),
      runtime,
      busyTimeoutMs,
      failure: (error) => sqliteFailure(error, name),
      onCommit: () => this.#commits.notify(),
    });
  }

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    if (this.#database.readonly)
      throw new StoreUnavailable(this.name, "was opened with readOnly; open it for writing", { retryable: false });
    return this.#group.write(items);
  }

  readPage(request: PageRequest): MaybePromise<EventBatch> {
    return this.#reading(() => this.#pages.read(request));
  }

  streamInfo(stream: string): MaybePromise<StreamInfo> {
    return this.#reading(() => this.#pages.streamInfo(stream));
  }

  onCommit(listener: () => void): () => void {
    return this.#commits.listen(listener);
  }

  #reading<T>(read: () => T): MaybePromise<T> {
    const refuse = (error: unknown): never => {
      throw sqliteFailure(error, this.name);
    };
    try {
      const result = whileBusy(read, this.#busyWait);
      return result instanceof Promise ? result.catch(refuse) : result;
    } catch (error) {
      return refuse(error);
    }
  }

  async close(): Promise<void> {
    await this.#group.drained();
    this.#commits.close();
    this.#database.close();
  }
}
