import { ReactiveDomainError, type Runtime } from "@reactive-domain/core";
import { StoreUnavailable } from "@reactive-domain/persistence";
import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import Database from "better-sqlite3";
import { GroupCommit } from "../group-commit.ts";
import { ReadTransaction } from "../read-transaction.ts";
import { isBrokenConstraint, sqliteFailure } from "../sqlite-failure.ts";
import { WalCheckpointer } from "../wal-checkpointer.ts";
import { whileBusy, type BusyWait } from "../while-busy.ts";
import { PlainTransaction } from "./plain-transaction.ts";

export interface FileAccessOptions {
  readonly database: Database.Database;
  /** What errors call the file. */
  readonly name: string;
  readonly busyTimeoutMs: number;
  readonly runtime: Runtime;
}

/** Reads and changes on one connection. Changes that arrive before the event loop turns share a transaction and a flush. */
export class FileAccess {
  readonly #database: Database.Database;
  readonly #name: string;
  readonly #busyWait: BusyWait;
  readonly #moment: ReadTransaction;
  readonly #wal: WalCheckpointer;
  readonly #group: GroupCommit;

  constructor({ database, name, busyTimeoutMs, runtime }: FileAccessOptions) {
    this.#database = database;
    this.#name = name;
    this.#busyWait = { runtime, timeoutMs: busyTimeoutMs };
    this.#moment = new ReadTransaction(database);
    this.#wal = new WalCheckpointer(database);
    this.#group = new GroupCommit({
      transaction: new PlainTransaction(database),
      runtime,
      busyTimeoutMs,
      failure: (error) => this.#failure(error),
      onCommit: () => undefined,
      afterCommit: () => this.#wal.afterCommit(),
    });
  }

  /** A change is all of what it does, or throws a {@link ReactiveDomainError} and has done nothing. @param weight How many rows it is of, about. */
  changing<T>(change: () => T, weight = 1): Promise<T> {
    return this.#group.run({ events: weight, run: () => this.#alone(change), isNews: () => false });
  }

  /** One moment, however many statements. */
  reading<T>(read: () => T): MaybePromise<T> {
    return this.looking(() => this.#moment.run(read));
  }

  /** For a single statement. */
  looking<T>(look: () => T): MaybePromise<T> {
    const refuse = (error: unknown): never => {
      throw this.#failure(error);
    };
    try {
      const result = whileBusy(look, this.#busyWait);
      return result instanceof Promise ? result.catch(refuse) : result;
    } catch (error) {
      return refuse(error);
    }
  }

  async close(): Promise<void> {
    await this.#group.drained();
    await this.#wal.close();
    this.#database.close();
  }

  /** What was discarded fails by itself, and not those that share its transaction. */
  #alone<T>(change: () => T): T {
    try {
      return change();
    } catch (error) {
      throw isTableGone(error) ? this.#failure(error) : error;
    }
  }

  #failure(error: unknown): unknown {
    if (error instanceof ReactiveDomainError) return error;
    if (isTableGone(error))
      return new StoreUnavailable(this.#name, "lacks a table: the read model was discarded", { retryable: false, cause: error });
    // Only SQL of a projection breaks constraints, and those that are deferred at the very end.
    return isBrokenConstraint(error) ? error : sqliteFailure(error, this.#name);
  }
}

function isTableGone(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.message.startsWith("no such table");
}
