import type { EventStore, WriteItem, WriteResult } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";

/** An event store in PostgreSQL, with what only a database of rows can do. */
export interface PostgresEventStore extends EventStore {
  /**
   * Does work of the caller's own in a transaction, and writes the items that it returns in the same one: both are committed, or neither is. `work` gets the
   * connection that holds the transaction (read committed); it must not end it. What it returns is written last, so that others wait for the log only while this commits.
   * A read model and its checkpoint move together so.
   *
   * Where the events of these items were written before, the outcome of that time is given, and the work of this time is undone: it was done then. It is kept where
   * a checkpoint or a delivery of these items was not: then it was not.
   *
   * Nothing is repeated by itself: where the connection is lost while it commits, the call rejects with `store-unavailable`, and whether it took place is told by a
   * checkpoint, or by repeating it.
   *
   * Errors: those of `write`; what `work` throws, after everything was undone.
   *
   * @example
   * await store.transaction(async (client) => {
   *   await client.query("UPDATE balances SET amount = amount + $1 WHERE account = $2", [amount, account]);
   *   return [{ kind: "checkpoint", name: "balances", expected, position }];
   * });
   */
  transaction(work: (client: PoolClient) => Promise<readonly WriteItem[]>): Promise<WriteResult>;
}
