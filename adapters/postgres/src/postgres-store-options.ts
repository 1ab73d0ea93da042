import type { EventStoreOptions } from "@reactive-domain/persistence/adapter";

/** Settings of a PostgreSQL store. */
export interface PostgresStoreOptions extends EventStoreOptions {
  /** The schema that the store lives in, made where it is missing: letters, digits and underscores. Default `reactive_domain`. */
  readonly schema?: string;
  /** What the names of tables and functions begin with, for several logs in one schema. Default: nothing. */
  readonly tablePrefix?: string;
  /** Reads only: the store must exist and have the newest schema, and writes are refused. Default `false`. */
  readonly readOnly?: boolean;
  /** Makes the store, or brings its schema up, when it is opened. Default `true`, and always `false` with `readOnly`; otherwise a store that needs it is refused. */
  readonly autoMigrate?: boolean;
  /** The most connections, where the store makes its own pool; one of them listens, one writes. From 3, or 2 without listening. Default 10. */
  readonly maxConnections?: number;
  /** Whether one connection listens for commits of other processes. Default `true`; not possible behind pgbouncer in transaction mode. */
  readonly listen?: boolean;
  /** How often a store with subscriptions looks for commits of others, in milliseconds, from 1: the net below listening. Default 1,000, or 50 without listening. */
  readonly pollIntervalMs?: number;
  /** Whether connections keep the plans of frequent statements. Default `true`; `false` for poolers that do not pass prepared statements on. */
  readonly prepare?: boolean;
  /**
   * Keeps events in partitions of so many positions each, so that old ones can be moved to cheaper storage: an integer from 1,000, decided when the store is made. Each write looks
   * into every partition: a few dozen are fine, hundreds are not. Default: one table.
   */
  readonly partitionSize?: number;
  /** How long a call waits for a server that is away, in milliseconds, from 0. Default 30,000. */
  readonly retryForMs?: number;
  /**
   * How long a read waits for the server's answer, and `close` for what is under way, in milliseconds, from 1: a connection that is silent for longer is given up, and the read made again
   * on another one. Default 30,000. A look for commits waits five times `pollIntervalMs`, but at least 5,000, and no longer than this.
   */
  readonly answerTimeoutMs?: number;
}
