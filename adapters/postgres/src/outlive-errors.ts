import type { PoolClient } from "pg";

/** Without a listener a connection that is lost while nobody waits for it ends the process. */
export function outliveErrors(client: PoolClient): void {
  if (!client.listeners("error").includes(ignore)) client.on("error", ignore);
}

function ignore(): void {
  // The query that fails with it tells.
}
