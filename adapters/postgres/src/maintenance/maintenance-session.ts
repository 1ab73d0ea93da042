import type { PoolClient, Pool } from "pg";
import { run, type Database, type TextRow } from "../database.ts";
import { refuseMissing, schemaVersion } from "../schema/migrate.ts";
import type { Names } from "../schema/names.ts";
import { untilCancelled } from "./until-cancelled.ts";

/** The store that is looked after, and how. */
export interface MaintainedStore {
  readonly database: Database;
  readonly pool: Pool;
  readonly names: Names;
  readonly busyTimeoutMs: number;
}

/** A connection for one call. */
export interface MaintenanceSession {
  readonly client: PoolClient;
  readonly names: Names;
  /** What errors call the store. */
  readonly store: string;
  /** 0 where there is no store yet. */
  readonly schemaVersion: number;
  /** Runs a statement, unless the call was given up. Errors: PostgreSQL's own. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<TextRow[]>;
}

/**
 * Works with a store on a connection of its own, which is closed afterwards with all that was set on it. When the call is given up, what runs on the server is cancelled.
 *
 * Errors: PostgreSQL's own; `foreign-store` for the schema of a newer program; the signal's reason.
 */
export async function withSession<T>(
  { database, pool, names, busyTimeoutMs }: MaintainedStore,
  signal: AbortSignal | undefined,
  work: (session: MaintenanceSession) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const client = await database.borrow();
  try {
    const store = database.name;
    const settings = "set_config('lock_timeout', $1, false), set_config('statement_timeout', '0', false)";
    const [row] = await run(client, `SELECT pg_backend_pid(), ${settings}`, [String(busyTimeoutMs)]);
    const session: MaintenanceSession = {
      client,
      names,
      store,
      schemaVersion: await schemaVersion({ client, names, store }),
      query: async (text, values) => {
        signal?.throwIfAborted();
        return run(client, text, values);
      },
    };
    const canceller = { pool, runtime: database.runtime, processId: Number(row?.[0]) };
    return await untilCancelled(work(session), signal, canceller);
  } finally {
    database.giveBack(client, true);
  }
}

/** As {@link withSession}, for a store that there must be. Errors: also `foreign-store` where there is none. */
export function withStore<T>(
  maintained: MaintainedStore,
  signal: AbortSignal | undefined,
  work: (session: MaintenanceSession) => Promise<T>,
): Promise<T> {
  return withSession(maintained, signal, (session) => {
    refuseMissing(session.schemaVersion, session.store);
    return work(session);
  });
}

/** Lets several reads tell of one moment. */
export async function atOneMoment<T>({ query }: MaintenanceSession, read: () => Promise<T>): Promise<T> {
  await query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const result = await read();
  await query("COMMIT");
  return result;
}
