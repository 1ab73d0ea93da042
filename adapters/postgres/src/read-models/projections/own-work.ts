import { InvalidArgument } from "@reactive-domain/core";
import type { TableNamer } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run } from "../../database.ts";
import { codeOf, isConnectionLost } from "../../postgres-failure.ts";
import { quoted } from "../../schema/names.ts";
import type { ReadModelPlace } from "../table-names.ts";
import { ownName } from "./projection-names.ts";

const IN_FAILED_TRANSACTION = "25P02";
const DIVISION_BY_ZERO = "22012";

/** What a projection's own SQL has thrown: it goes back to the caller as it is. */
export class OwnWorkFailed extends Error {
  constructor(cause: unknown) {
    super("The work has failed.", { cause });
  }
}

/** SQL of a projection's own. */
export type OwnWork = (connection: PoolClient, table: TableNamer) => unknown;

/** Has a projection's own SQL run within a transaction. Errors: {@link OwnWorkFailed}, PostgreSQL's own where the connection failed. */
export async function runOwnWork(client: PoolClient, work: OwnWork, table: TableNamer): Promise<void> {
  try {
    await work(client, table);
  } catch (error) {
    throw isConnectionLost(error) ? error : new OwnWorkFailed(error);
  }
}

/** As {@link runOwnWork}, and sees that it has left the transaction as it was. Errors: `invalid-argument` where it has not, too. */
export async function runWithin(client: PoolClient, work: OwnWork, table: TableNamer): Promise<void> {
  const [row] = await run(client, "SELECT pg_current_xact_id()");
  await runOwnWork(client, work, table);
  try {
    await run(client, `SELECT ${isSameTransactionSql(`'${row?.[0] ?? ""}'`)}`);
  } catch (error) {
    throw ownWorkProblem(error);
  }
}

/**
 * A value that fails unless it is asked for in the transaction of that name. A commit may follow it in one round trip: in a transaction that has failed, or in no
 * transaction, it is not reached.
 */
export function isSameTransactionSql(transaction: string): string {
  return `1 / (pg_current_xact_id_if_assigned() IS NOT DISTINCT FROM ${transaction}::xid8)::integer`;
}

/** What is to be told where {@link isSameTransactionSql} has failed: what a projection's own SQL has done to its transaction. Other errors come back as they are. */
export function ownWorkProblem(error: unknown): unknown {
  const code = error instanceof Error ? codeOf(error) : undefined;
  if (code === DIVISION_BY_ZERO)
    return new InvalidArgument(
      "The SQL of a projection",
      "statements within the transaction that it runs in",
      "one that ended it",
      "Leave COMMIT and ROLLBACK to the projection.",
    );
  if (code === IN_FAILED_TRANSACTION)
    return new InvalidArgument(
      "The SQL of a projection",
      "statements that succeed, or whose errors are thrown on",
      "one that failed without being told of",
      "Nothing was done. What may fail can be undone by a savepoint, where the rest is to be kept.",
    );
  return error;
}

/** What a generation calls its own tables: with the schema. Other names are for what lies in the schema of its table, as an index does. */
export function tableNamer(place: ReadModelPlace, own: readonly string[], generation: number | undefined): TableNamer {
  return (name) => {
    if (typeof name !== "string" || name === "") throw new InvalidArgument("The name of a table", "some text", name);
    const bare = quoted(ownName(place, name, generation));
    return own.includes(name) ? `${quoted(place.schema)}.${bare}` : bare;
  };
}
