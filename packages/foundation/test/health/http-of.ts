import { createServer, request, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a server answered. */
export interface Answer {
  readonly code: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks a server. */
export type Asks = (path: string, method?: string) => Promise<Answer>;

/** Serves on loopback until the test ends. */
export async function serving(listener: RequestListener): Promise<Asks> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return (path, method = "GET") => ask({ port, path, method });
}

function ask({ port, path, method }: { readonly port: number; readonly path: string; readonly method: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path, method, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve({ code: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() }));
      response.on("error", reject);
    });
    asking.on("error", reject);
    asking.end();
  });
}
