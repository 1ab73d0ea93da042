import type { EventStore } from "@reactive-domain/persistence";
import type { KurrentServer } from "./kurrent-server.ts";
import { RunningServer } from "./running-server.ts";
import { completeOptions, type ServerOptions } from "./server-options.ts";

/**
 * Serves a store to clients of KurrentDB.
 *
 *     await using server = await startServer(store, { port: 0, insecure: true });
 *     const client = KurrentDBClient.connectionString(server.url);
 *
 * Errors: `invalid-argument`, `invalid-certificate`, `cannot-listen`.
 */
export async function startServer(store: EventStore, options: ServerOptions = {}): Promise<KurrentServer> {
  const running = new RunningServer(store, completeOptions(options));
  await running.listen();
  return running;
}
