import { StoreUnavailable } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run, type TextRow } from "./database.ts";

const OLDEST_SERVER = 140_000;

/** What an acknowledged write survives. Errors: `store-unavailable` for a server that no store can be on. */
export async function checkServer(client: PoolClient, store: string): Promise<string> {
  const [row] = await run(
    client,
    "SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('server_encoding'), " +
      "current_setting('default_transaction_isolation'), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'), current_setting('wal_sync_method')",
  );
  const [number, version, encoding, isolation, fsync, synchronousCommit, fullPageWrites, syncMethod] = row as TextRow;
  const refuse = (problem: string): never => {
    throw new StoreUnavailable(store, problem, { retryable: false });
  };
  if (Number(number) < OLDEST_SERVER) refuse(`is on PostgreSQL ${version}, and 14 is the oldest that it runs on`);
  if (encoding !== "UTF8") refuse(`is in a database of encoding ${encoding}; it needs UTF8`);
  if (isolation !== "read committed")
    refuse(`has ${isolation} as its default_transaction_isolation; set it to read committed for this user, or in the pool's options`);
  // Writes turn synchronous_commit on where it is off.
  const committed = synchronousCommit === "off" ? "on" : synchronousCommit;
  const settings = `fsync=${fsync}, synchronous_commit=${committed}, full_page_writes=${fullPageWrites}, wal_sync_method=${syncMethod}`;
  return `PostgreSQL ${version?.split(" ")[0]}, ${settings}`;
}
