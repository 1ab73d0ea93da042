import { startServer, type KurrentServer, type ServerOptions } from "@reactive-domain/kurrentdb-server";
import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { onTestFinished } from "vitest";
import { rawClient, type RawClient } from "./raw-client.ts";

/** A store in memory, a server of it, and a client, within a test. */
export interface Served {
  readonly store: EventStore;
  readonly server: KurrentServer;
  readonly client: RawClient;
}

export async function serve(options: ServerOptions = {}, store: EventStore = createInMemoryStore()): Promise<Served> {
  const server = await startServer(store, { port: 0, insecure: true, ...options });
  // Last of all, so that the server sees its clients leave.
  onTestFinished(async () => {
    await server.close();
    await store.close();
  });
  return { store, server, client: rawClient(server) };
}
