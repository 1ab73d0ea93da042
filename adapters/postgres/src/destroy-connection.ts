import type { ClientBase, Connection } from "pg";

/** Ends a connection at once, without a farewell that nobody may answer. What waits for an answer on it fails, with the reason where one is given. */
export function destroyConnection(client: ClientBase, reason?: Error): void {
  // A pool of pg's native clients has none to be destroyed.
  const { connection } = client as ClientBase & { readonly connection?: Connection };
  connection?.stream.destroy(reason);
}
