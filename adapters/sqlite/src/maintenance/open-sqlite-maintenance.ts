import { resolve } from "node:path";
import { currentRuntime } from "@reactive-domain/core";
import type { StoreMaintenance } from "@reactive-domain/persistence";
import { checkMs, checkPath } from "../check-options.ts";
import { refuseOther, type StoreFile } from "./file-session.ts";
import { SqliteMaintenance } from "./sqlite-maintenance.ts";

/** Settings of the maintenance of a SQLite store. */
export interface SqliteMaintenanceOptions {
  /** How long another process that has the file is waited for, in milliseconds, from 0. Default 5,000. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens a store's file to look after it: status, migration, check, backup, vacuum. The file must exist, may be open elsewhere, in this process too, and is
 * not changed by the opening. What takes long runs in a thread of its own, so a server may make its backups by itself.
 *
 * Errors: `store-unavailable` (missing, a directory, not permitted), `foreign-store` (the file is something else), `invalid-argument`.
 *
 * @example
 * await using maintenance = await openSqliteMaintenance("bank.db");
 * await maintenance.backup("/backups/bank-2026-11-26.db");
 */
export async function openSqliteMaintenance(path: string, options: SqliteMaintenanceOptions = {}): Promise<StoreMaintenance> {
  checkPath(path);
  const { busyTimeoutMs = 5_000 } = options;
  checkMs("busyTimeoutMs", busyTimeoutMs, 0);
  const file: StoreFile = { path: resolve(path), name: `SQLite store ${path}`, busyTimeoutMs, runtime: currentRuntime() };
  refuseOther(file);
  return new SqliteMaintenance(file);
}
