import type { WriteItem, WriteResult } from "@reactive-domain/persistence";
import { checkedItems } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run, type Database } from "./database.ts";
import type { PostgresDriver } from "./postgres-driver.ts";
import { isConnectionLost, postgresFailure } from "./postgres-failure.ts";
import type { PostgresEventStore } from "./postgres-store.ts";

export interface TransactionOptions {
  readonly driver: PostgresDriver;
  readonly database: Database;
  readonly maxEventBytes: number;
}

/** The store's `transaction`. */
export function transactionOf({ driver, database, maxEventBytes }: TransactionOptions): PostgresEventStore["transaction"] {
  const inTransaction = async (client: PoolClient, work: (client: PoolClient) => Promise<readonly WriteItem[]>): Promise<WriteResult> => {
    await run(client, "BEGIN ISOLATION LEVEL READ COMMITTED");
    try {
      const items = checkedItems(await ownWork(client, work), { maxEventBytes });
      const outcome = await driver.writeIn(client, items);
      if ("error" in outcome) throw outcome.error;
      await run(client, outcome.isDone ? "COMMIT" : "ROLLBACK");
      if (outcome.isDone) driver.committed();
      return outcome.result;
    } catch (error) {
      await run(client, "ROLLBACK").catch(() => undefined);
      throw error;
    }
  };
  return async (work) => {
    driver.refuseClosing();
    try {
      return await database.lend((client) => inTransaction(client, work));
    } catch (error) {
      if (error instanceof WorkFailed) throw error.cause;
      throw postgresFailure(error, database.name);
    }
  };
}

/** What the caller's own work has thrown: it goes back to the caller as it is. */
class WorkFailed extends Error {}

async function ownWork<T>(client: PoolClient, work: (client: PoolClient) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } catch (error) {
    throw isConnectionLost(error) ? error : new WorkFailed("The work has failed.", { cause: error });
  }
}
