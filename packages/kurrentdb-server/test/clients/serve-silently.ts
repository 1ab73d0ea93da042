import type { KurrentServer, ServerOptions } from "@reactive-domain/kurrentdb-server";
import type { KindOfStore } from "@reactive-domain/store-tests/every-store";
import { onTestFinished } from "vitest";
import { RunningServer } from "../../src/running-server.ts";
import { completeOptions } from "../../src/server-options.ts";

/** Serves an empty store like {@link serve}, and does not tell clients what they may call, as servers once did not: they fall back to HTTP/1.1 then. */
export async function serveSilently(open: KindOfStore["open"], options: ServerOptions = {}): Promise<KurrentServer> {
  const server = new RunningServer(await open(), completeOptions({ port: 0, insecure: true, ...options }), false);
  await server.listen();
  onTestFinished(() => server.close());
  return server;
}
