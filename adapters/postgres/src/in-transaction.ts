import type { PoolClient } from "pg";

export const READ_COMMITTED = "BEGIN ISOLATION LEVEL READ COMMITTED";
/** What several statements read is of one moment. */
export const ONE_MOMENT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/** Within a transaction: what it commits is flushed, whatever the server or the role would do. */
export const DURABLY = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";

/** Does work behind `begin`, one statement or several, and commits it; what fails is rolled back. Errors: PostgreSQL's own, those of the work. */
export async function inTransaction<T>(client: PoolClient, begin: string, work: () => Promise<T>): Promise<T> {
  try {
    await client.query(begin);
    const outcome = await work();
    await client.query("COMMIT");
    return outcome;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
