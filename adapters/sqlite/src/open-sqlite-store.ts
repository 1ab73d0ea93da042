import { resolve } from "node:path";
import { currentRuntime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver, type EventStoreOptions } from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { checkMs, checkPath } from "./check-options.ts";
import { openDatabase } from "./open-database.ts";
import { SqliteDriver } from "./sqlite-driver.ts";
import { sqliteFailure } from "./sqlite-failure.ts";

/** Settings of a SQLite store. */
export interface SqliteStoreOptions extends EventStoreOptions {
  /** Reads only: the file must exist, and writes are refused. Default `false`. */
  readonly readOnly?: boolean;
  /** Refuses a missing file instead of making a new store. Default `false`. */
  readonly mustExist?: boolean;
  /** How long a write, a read or the opening waits for another process that has the file, in milliseconds, from 0. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** How often a store with subscriptions looks for commits of other processes, in milliseconds, from 1. Default 50. */
  readonly pollIntervalMs?: number;
}

/**
 * Opens the event store in a file, or makes a new one where there is none. Several processes may use one file at the same time, on a local disk.
 * What a write acknowledges has been flushed to the disk (`synchronous=FULL`): neither a killed process nor a lost machine takes it back.
 *
 * Errors: `store-unavailable` (missing, a directory, not permitted, or busy for too long), `foreign-store` (the file is something else, and was not changed; or
 * a newer program made it), `invalid-argument`.
 *
 * @example
 * await using store = await openSqliteStore("bank.db");
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<EventStore> {
  checkPath(path);
  const { readOnly = false, mustExist = false, busyTimeoutMs = 5_000, pollIntervalMs = 50 } = options;
  checkMs("busyTimeoutMs", busyTimeoutMs, 0);
  checkMs("pollIntervalMs", pollIntervalMs, 1);
  const runtime = currentRuntime();
  const name = `SQLite store ${path}`;
  try {
    const database = await openDatabase({ path: resolve(path), file: name, readOnly, mustExist, busyTimeoutMs, runtime });
    return storeOn(database, options, () => new SqliteDriver({ database, name, busyTimeoutMs, pollIntervalMs, runtime }));
  } catch (error) {
    throw sqliteFailure(error, name);
  }
}

/** Lets go of the file when no store can be made of it. */
function storeOn(database: Database, options: EventStoreOptions, makeDriver: () => EventStoreDriver): EventStore {
  try {
    return createEventStore(makeDriver(), options);
  } catch (error) {
    database.close();
    throw error;
  }
}
