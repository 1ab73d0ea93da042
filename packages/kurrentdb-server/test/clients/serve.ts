import { startServer, type KurrentServer, type ServerOptions } from "@reactive-domain/kurrentdb-server";
import type { KindOfStore } from "@reactive-domain/store-tests/every-store";
import { onTestFinished } from "vitest";

/** Serves an empty store of a kind within a test, at whose end both are closed. */
export async function serve(open: KindOfStore["open"], options: ServerOptions = {}): Promise<KurrentServer> {
  const server = await startServer(await open(), { port: 0, insecure: true, ...options });
  onTestFinished(() => server.close());
  return server;
}
