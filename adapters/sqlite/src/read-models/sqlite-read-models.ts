import type { Runtime } from "@reactive-domain/core";
import { StoreUnavailable, type ExpectedItemVersion } from "@reactive-domain/persistence";
import { isAsExpected } from "@reactive-domain/persistence/adapter";
import type {
  ChangeOutcome,
  DeleteOutcome,
  MaybePromise,
  ReadModelDriver,
  ReadModelRow,
  ReadModelShape,
  ReadModelTable,
} from "@reactive-domain/persistence/adapter";
import Database from "better-sqlite3";
import { durabilityOf } from "../durability.ts";
import { GroupCommit } from "../group-commit.ts";
import { ReadTransaction } from "../read-transaction.ts";
import { sqliteFailure } from "../sqlite-failure.ts";
import { WalCheckpointer } from "../wal-checkpointer.ts";
import { whileBusy, type BusyWait } from "../while-busy.ts";
import { ItemStatements } from "./item-statements.ts";
import { dropTable, isMade, makeTable } from "./make-table.ts";
import { PlainTransaction } from "./plain-transaction.ts";

interface SqliteReadModelsOptions {
  readonly database: Database.Database;
  /** What errors call them. */
  readonly name: string;
  readonly busyTimeoutMs: number;
  readonly runtime: Runtime;
}

/** Read models on one connection. Changes that arrive before the event loop turns share a transaction and a flush. */
export class SqliteReadModels implements ReadModelDriver {
  readonly name: string;
  readonly durability: string;
  readonly #database: Database.Database;
  readonly #busyWait: BusyWait;
  readonly #moment: ReadTransaction;
  readonly #wal: WalCheckpointer;
  readonly #group: GroupCommit;

  constructor({ database, name, busyTimeoutMs, runtime }: SqliteReadModelsOptions) {
    this.name = name;
    this.durability = durabilityOf(database);
    this.#database = database;
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

  async table(shape: ReadModelShape): Promise<ReadModelTable> {
    if (!(await this.#reading(() => isMade(this.#database, shape, this.name))))
      await this.#changing(() => makeTable(this.#database, shape, this.name));
    const items = await this.#reading(() => new ItemStatements(this.#database, shape));
    return {
      get: (key) => this.#looking(() => items.get(key)),
      put: (row, expected) => this.#changing(() => put(items, row, expected)),
      delete: (key, expected) => this.#changing(() => remove(items, key, expected)),
      find: (plan) => this.#reading(() => items.find(plan)),
    };
  }

  discard(name: string, schemaVersion: number): Promise<boolean> {
    return this.#changing(() => dropTable(this.#database, name, schemaVersion));
  }

  async close(): Promise<void> {
    await this.#group.drained();
    await this.#wal.close();
    this.#database.close();
  }

  #changing<T>(change: () => T): Promise<T> {
    return this.#group.run({ events: 1, run: () => this.#alone(change), isNews: () => false });
  }

  /** What was discarded fails by itself, and not those that share its transaction. */
  #alone<T>(change: () => T): T {
    try {
      return change();
    } catch (error) {
      throw isTableGone(error) ? this.#failure(error) : error;
    }
  }

  /** One moment, however many statements. */
  #reading<T>(read: () => T): MaybePromise<T> {
    return this.#looking(() => this.#moment.run(read));
  }

  #looking<T>(look: () => T): MaybePromise<T> {
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

  #failure(error: unknown): unknown {
    if (isTableGone(error))
      return new StoreUnavailable(this.name, "lacks a table: the read model was discarded", { retryable: false, cause: error });
    return sqliteFailure(error, this.name);
  }
}

function isTableGone(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.message.startsWith("no such table");
}

function put(items: ItemStatements, row: ReadModelRow, expected: ExpectedItemVersion): ChangeOutcome {
  const actual = expected === "any" ? null : items.versionOf(row.key);
  if (!isAsExpected(actual, expected)) return { actual };
  return { version: items.put(row) };
}

function remove(items: ItemStatements, key: ReadModelRow["key"], expected: ExpectedItemVersion): DeleteOutcome {
  const actual = expected === "any" ? null : items.versionOf(key);
  if (!isAsExpected(actual, expected)) return { actual };
  return { existed: items.delete(key) };
}
