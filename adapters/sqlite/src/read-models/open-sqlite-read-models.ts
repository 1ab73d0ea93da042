import { resolve } from "node:path";
import { checkKeys, currentRuntime } from "@reactive-domain/core";
import type { ReadModels } from "@reactive-domain/persistence";
import { createReadModels } from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { checkMs, checkPath } from "../check-options.ts";
import { sqliteFailure } from "../sqlite-failure.ts";
import { openReadModelFile } from "./open-read-model-file.ts";
import { SqliteReadModels } from "./sqlite-read-models.ts";

/** Settings of read models in SQLite. */
export interface SqliteReadModelOptions {
  /** Whether a file that is not there is refused rather than made. Default `false`. */
  readonly mustExist?: boolean;
  /** How long a change, a read or the opening waits for another process that has the file, in milliseconds, from 0. Default 5,000. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the read models in a file of their own, which is no event store's, or makes it. Several processes may use one file at the same time, on a local disk. What is
 * acknowledged has been flushed to the disk (`synchronous=FULL`).
 *
 * Errors: `store-unavailable` (missing where it must exist, a directory, not permitted, or busy for too long), `foreign-store` (the file is something else, and was not changed; or a newer program
 * made it), `invalid-argument`.
 *
 * @example
 * await using views = await openSqliteReadModels("views.db");
 * const accounts = await views.repository(accountViews);
 */
export async function openSqliteReadModels(path: string, options: SqliteReadModelOptions = {}): Promise<ReadModels<Database>> {
  checkPath(path, "read models");
  checkKeys("options of read models", options, ["mustExist", "busyTimeoutMs"]);
  const { mustExist = false, busyTimeoutMs = 5_000 } = options;
  checkMs("busyTimeoutMs", busyTimeoutMs, 0);
  const runtime = currentRuntime();
  const name = `SQLite read models ${path}`;
  try {
    const database = await openReadModelFile({ path: resolve(path), file: name, mustExist, busyTimeoutMs, runtime });
    return createReadModels(new SqliteReadModels({ database, name, busyTimeoutMs, runtime }));
  } catch (error) {
    throw sqliteFailure(error, name);
  }
}
