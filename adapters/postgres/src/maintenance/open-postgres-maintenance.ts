import { currentRuntime } from "@reactive-domain/core";
import type { StoreMaintenance } from "@reactive-domain/persistence";
import type { Pool } from "pg";
import { checkMs, checkPlaceOptions } from "../check-options.ts";
import { checkServer } from "../check-server.ts";
import { Database } from "../database.ts";
import { poolOf } from "../pool-of.ts";
import { postgresFailure } from "../postgres-failure.ts";
import { PostgresMaintenance } from "./postgres-maintenance.ts";

/** Settings of the maintenance of a PostgreSQL store. */
export interface PostgresMaintenanceOptions {
  /** The schema that the store lives in. Default `reactive_domain`. */
  readonly schema?: string;
  /** What the names of its tables begin with. Default: nothing. */
  readonly tablePrefix?: string;
  /** How long a lock that another has is waited for, in milliseconds, from 0. Default 5,000. */
  readonly busyTimeoutMs?: number;
}

const MAX_CONNECTIONS = 4;

/**
 * Connects to look after a store: status, migration, check, vacuum. Nothing is made or changed by the opening, and `migrate` makes a store where there is none. A URL
 * may say `schema` and `tablePrefix` as parameters. Each call has a connection of its own, which is closed after it.
 *
 * Errors: `store-unavailable` (the server, the database or a right is missing, or the password is wrong), `invalid-argument`.
 *
 * @example
 * await using maintenance = await openPostgresMaintenance("postgres://bank@localhost/bank");
 * const { findings } = await maintenance.check();
 */
export async function openPostgresMaintenance(where: string | Pool, options: PostgresMaintenanceOptions = {}): Promise<StoreMaintenance> {
  const settings = checkPlaceOptions(where, options);
  const { busyTimeoutMs = 5_000 } = options;
  checkMs("busyTimeoutMs", busyTimeoutMs, 0);
  const place = poolOf(where, { ...settings, maxConnections: MAX_CONNECTIONS });
  const { pool, name, close, names } = place;
  const database = new Database({ pool, name, onClose: close, prepare: false, retryForMs: 0, runtime: currentRuntime() });
  try {
    await database.lend((client) => checkServer(client, name));
    return new PostgresMaintenance({ database, pool, names, busyTimeoutMs });
  } catch (error) {
    await close();
    throw postgresFailure(error, name);
  }
}
